// SPDX-License-Identifier: Apache-2.0
// The rest of a lemma's module head, with every input of the PE free, and the PE.
#(
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
