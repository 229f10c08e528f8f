// SPDX-License-Identifier: Apache-2.0
// Counts the words of a bank that a stream of bits opens: ceil(bits / Word) from one restart to the next.
module mp_words #(
    parameter int Word = 64
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        en_i,
    input  logic        restart_i,  // the bits of this cycle are the first of a new stream
    input  logic [31:0] bits_i,     // moved in this cycle
    output logic [31:0] words_o     // opened by them
);
  logic [31:0] left_q, left, over;  // bits left in the open word

  assign left = restart_i ? 32'd0 : left_q;
  assign over = bits_i > left ? bits_i - left : 32'd0;
  assign words_o = en_i ? (over + 32'(Word) - 32'd1) / 32'(Word) : 32'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      left_q <= '0;
    end else if (en_i) begin
      left_q <= left + words_o * 32'(Word) - bits_i;
    end
  end

endmodule
