// SPDX-License-Identifier: Apache-2.0
// The adder tree of mp_pe: the dot product of the activations with one chunk of their weights, and for odd weights the sum
// of the activations.
module pe_dot #(
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
  (* hierconn *) wire signed [StepBits-1:0] \dut.ones ;

  logic signed [StepBits-1:0] dot, ones;
  always_comb begin
    dot  = '0;
    ones = '0;
    for (int l = 0; l < Lanes; l++) begin
      // A first chunk is signed, all others are not.
      dot = dot + StepBits'($signed(act_i[9*l+:9])) *
          StepBits'($signed({first_i & weight_i[SerialBits*(l+1)-1], weight_i[SerialBits*l+:SerialBits]}));
      ones = ones + StepBits'($signed(act_i[9*l+:9]));
    end
  end

  always_comb begin
    if (valid_i) begin
      assert (\dut.dot == dot);
      assert (!last_i || !odd_i || \dut.ones == ones);
      assert (ones >= -256 * Lanes && ones <= 255 * Lanes);
    end
    cover (valid_i && last_i && odd_i && dot < 0 && ones > 0);
  end

endmodule
