// SPDX-License-Identifier: Apache-2.0
// mp_words: the words since the last restart are ceil(bits / Word), whatever the cycles in which the bits come. The ghost
// adds up both. A cycle moves at most 2^16 bits, a stream has less than 2^30.
module words #(
    parameter int Word = 64
) (
    input logic        clk_i,
    input logic        rst_ni,
    input logic        en_i,
    input logic        restart_i,
    input logic [31:0] bits_i
);
  logic [31:0] opened;
  mp_words #(
      .Word(Word)
  ) dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .en_i(en_i),
      .restart_i(restart_i),
      .bits_i(bits_i),
      .words_o(opened)
  );
  (* hierconn *) wire [31:0] \dut.left_q ;

  logic [31:0] bits_q, words_q, bits_d, words_d;
  logic reset_q;
  initial reset_q = 1'b0;
  assign bits_d = (restart_i ? 32'd0 : bits_q) + bits_i;
  assign words_d = (restart_i ? 32'd0 : words_q) + opened;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      reset_q <= 1'b1;
      bits_q  <= '0;
      words_q <= '0;
    end else if (en_i) begin
      bits_q  <= bits_d;
      words_q <= words_d;
    end
  end

  always_comb begin
    assume (bits_i <= 32'd1 << 16);
    assume (bits_q < 32'd1 << 30);
    if (!en_i) begin
      assert (opened == 0);
    end
    if (reset_q) begin
      assert (words_q <= bits_q / 32'(Word) + 32'd1);
      assert (words_q * 32'(Word) == bits_q + \dut.left_q );
      assert (\dut.left_q < 32'(Word));
      if (en_i) begin
        assert (words_d == (bits_d + 32'(Word) - 32'd1) / 32'(Word));
      end
    end
    cover (reset_q && words_q == 3 && \dut.left_q != 0);
  end

endmodule
