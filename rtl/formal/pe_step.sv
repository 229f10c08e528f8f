// SPDX-License-Identifier: Apache-2.0
// The partial sum of mp_pe: each chunk shifts it and adds its dot product, which is free here (pe_dot has it), and the first
// one begins anew. By `product` and `lane` the partial sum then is the dot product of the activations with the bits of
// the weights so far. The ghost counts these bits, which are at most 8, and holds the activations.
module pe_step #(
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int AccBits = 32,
    parameter bit Saturate = 1'b1,
    parameter bit Shadow = 1'b1
) (
    input logic                        clk_i,
    input logic                        rst_ni,
    input logic                        en_i,
    input logic                        valid_i,
    input logic                        first_i,
    input logic                        last_i,
    input logic                        clear_i,
    input logic                        odd_i,
    input logic [         9*Lanes-1:0] act_i,
    input logic [SerialBits*Lanes-1:0] weight_i,
    input logic                        capture_i
);
  localparam int StepBits = 18 + $clog2(Lanes + 1);
  logic [AccBits-1:0] sum;
  logic overflow;
  mp_pe #(
      .Lanes(Lanes),
      .SerialBits(SerialBits),
      .AccBits(AccBits),
      .Saturate(Saturate),
      .Shadow(Shadow)
  ) dut (
      .clk_i(clk_i),
      .rst_ni(rst_ni),
      .en_i(en_i),
      .valid_i(valid_i),
      .first_i(first_i),
      .last_i(last_i),
      .clear_i(clear_i),
      .odd_i(odd_i),
      .act_i(act_i),
      .weight_i(weight_i),
      .capture_i(capture_i),
      .sum_o(sum),
      .overflow_o(overflow)
  );
  (* hierconn *) wire signed [StepBits-1:0] \dut.dot ;
  (* hierconn *) wire signed [StepBits-1:0] \dut.partial_d ;
  (* hierconn *) wire signed [StepBits-1:0] \dut.partial_q ;

  logic [3:0] count_q, count;
  logic signed [StepBits-1:0] sum_q, sum_d;
  initial count_q = 4'd0;

  assign count = (first_i ? 4'd0 : count_q) + 4'(SerialBits);
  assign sum_d = (first_i ? '0 : sum_q * (1 << SerialBits)) + \dut.dot ;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= 4'd0;
    end else if (en_i && valid_i) begin
      count_q <= count;
      sum_q   <= sum_d;
    end
  end

  always_comb begin
    if (valid_i) begin
      assume (first_i || count_q != 0);
      assume (count <= 4'd8);
      assert (\dut.partial_d == sum_d);
    end
    assert (count_q <= 4'd8);
    if (count_q != 0) begin
      assert (\dut.partial_q == sum_q);
    end
    cover (count_q == 4'd8 && sum_q == -77);
  end

endmodule
