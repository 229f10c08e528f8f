// SPDX-License-Identifier: Apache-2.0
// A weight-serial processing element: in each cycle the dot product of `Lanes` activations with `SerialBits` bits of
// their weights, most significant bits first. The products go through one adder tree; the shifter and the accumulator
// stand behind it, once for all lanes. A step takes as many cycles as its weights have chunks of SerialBits bits.
//
// Weights are two's complement q, or with odd_i the odd number 2 q + 1, for which the step adds the sum of its
// activations. The step's dot product is exact; overflow is judged where it is added to the accumulator.
module mp_pe #(
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int AccBits = 32,
    parameter bit Saturate = 1'b1,
    parameter bit Shadow = 1'b1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,  // clock enable of the core

    input logic                        valid_i,    // a chunk is consumed
    input logic                        first_i,    // the step's first chunk: its top bit is the sign
    input logic                        last_i,     // the step's last chunk: the accumulator takes the sum
    input logic                        clear_i,    // the fold's first step: the accumulator begins at zero
    input logic                        odd_i,
    input logic [         9*Lanes-1:0] act_i,      // signed
    input logic [SerialBits*Lanes-1:0] weight_i,   // a lane's chunk beside the next lane's
    input logic                        capture_i,  // the fold is complete: the shadow takes the accumulator

    output logic [AccBits-1:0] sum_o,      // what drains
    output logic               overflow_o  // this cycle's addition left the accumulator's range
);
  // A step's sum is below 2^8 * 2^8 * Lanes, once more as much for the odd encoding, and a sign.
  localparam int StepBits = 18 + $clog2(Lanes + 1);
  localparam int WideBits = (StepBits > AccBits ? StepBits : AccBits) + 1;

  logic signed [StepBits-1:0] dot, ones, partial_d, partial_q, step;
  logic signed [WideBits-1:0] wide;
  logic [AccBits-1:0] acc_d, acc_q;
  logic overflow;

  // The adder tree. Chunks are signed in the first cycle of a step only.
  always_comb begin
    dot  = '0;
    ones = '0;
    if (valid_i) begin
      for (int l = 0; l < Lanes; l++) begin
        dot = dot + StepBits'($signed(act_i[9*l+:9])) *
            StepBits'($signed({first_i & weight_i[SerialBits*l+SerialBits-1], weight_i[SerialBits*l+:SerialBits]}));
      end
    end
    if (valid_i && last_i && odd_i) begin
      for (int l = 0; l < Lanes; l++) begin
        ones = ones + StepBits'($signed(act_i[9*l+:9]));
      end
    end
  end

  assign partial_d = first_i ? dot : (partial_q <<< SerialBits) + dot;
  assign step = odd_i ? (partial_d <<< 1) + ones : partial_d;
  assign wide = (clear_i ? WideBits'(0) : WideBits'($signed(acc_q))) + WideBits'(step);
  // In range when all bits above the accumulator equal its sign.
  assign overflow = wide[WideBits-1:AccBits-1] != {(WideBits - AccBits + 1) {wide[AccBits-1]}};

  always_comb begin
    acc_d = wide[AccBits-1:0];
    if (Saturate && overflow) begin
      acc_d = {wide[WideBits-1], {(AccBits - 1) {~wide[WideBits-1]}}};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      partial_q <= '0;
      acc_q     <= '0;
    end else if (en_i && valid_i) begin
      partial_q <= partial_d;
      if (last_i) begin
        acc_q <= acc_d;
      end
    end
  end

  assign overflow_o = valid_i && last_i && overflow;

  if (Shadow) begin : gen_shadow
    logic [AccBits-1:0] shadow_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        shadow_q <= '0;
      end else if (en_i && capture_i) begin
        shadow_q <= acc_q;
      end
    end
    assign sum_o = shadow_q;
  end else begin : gen_no_shadow
    logic unused_capture;
    assign unused_capture = capture_i;
    assign sum_o = acc_q;
  end

endmodule
