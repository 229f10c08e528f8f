// SPDX-License-Identifier: Apache-2.0
// A check across the lemmas at a small size: nothing is cut, and a whole step, the first one behind a reset, is compared
// with multiplications. Weights and activations have 4 bits; an accumulator of 8 overflows.
module pe_whole #(
    parameter int Lanes = 2,
    parameter int SerialBits = 1,
    parameter int AccBits = 8,
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
    input logic [         4*Lanes-1:0] act_i,
    input logic [SerialBits*Lanes-1:0] weight_i,
    input logic                        capture_i
);
  logic [9*Lanes-1:0] act;
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
      .act_i(act),
      .weight_i(weight_i),
      .capture_i(capture_i),
      .sum_o(sum),
      .overflow_o(overflow)
  );
  localparam int Bits = 4;
  localparam int Chunks = Bits / SerialBits;

  // Cycle 0 is the reset, then come the chunks.
  logic [3:0] cycle_q;
  logic [Bits*Lanes-1:0] act_q, seen_q, seen;
  logic odd_q, end_q, out_of_range;
  logic signed [11:0] step[Lanes+1];
  logic signed [11:0] least, most;
  logic [AccBits-1:0] expected, expected_q;
  initial cycle_q = 4'd0;
  initial end_q = 1'b0;

  assign most = (12'sd1 <<< (AccBits - 1)) - 12'sd1;
  assign least = -(12'sd1 <<< (AccBits - 1));
  assign step[0] = 0;
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [Bits:0] weight;
    logic signed [8:0] product;
    assign act[9*l+:9] = 9'($signed(act_i[Bits*l+:Bits]));
    assign seen[Bits*l+:Bits] = Bits'({seen_q[Bits*l+:Bits], weight_i[SerialBits*l+:SerialBits]});
    assign weight = {seen[Bits*(l+1)-1], seen[Bits*l+:Bits]};
    assign product = $signed(act_i[Bits*l+:Bits]) * $signed(odd_i ? {weight[Bits-1:0], 1'b1} : weight);
    assign step[l+1] = step[l] + 12'(product);
  end
  assign out_of_range = step[Lanes] < least || step[Lanes] > most;
  assign expected = !Saturate || !out_of_range ? step[Lanes][AccBits-1:0] :
      step[Lanes] < 0 ? least[AccBits-1:0] : most[AccBits-1:0];

  always_ff @(posedge clk_i) begin
    cycle_q    <= cycle_q + 4'd1;
    act_q      <= act_i;
    odd_q      <= odd_i;
    seen_q     <= seen;
    end_q      <= valid_i && last_i;
    expected_q <= expected;
  end

  always_comb begin
    assume (rst_ni == (cycle_q != 0));
    assume (en_i);
    assume (valid_i == (cycle_q >= 1 && cycle_q <= 4'(Chunks)));
    assume (first_i == (cycle_q == 4'd1));
    assume (last_i == (cycle_q == 4'(Chunks)));
    assume (clear_i == last_i);
    assume (cycle_q < 4'd2 || (act_i == act_q && odd_i == odd_q));
    if (valid_i && last_i) begin
      assert (overflow == out_of_range);
    end
    if (end_q) begin
      assert (sum == expected_q);
    end
    cover (end_q && odd_q && sum[AccBits-1]);
  end

endmodule
