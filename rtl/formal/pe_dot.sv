// SPDX-License-Identifier: Apache-2.0
// The adder tree of mp_pe: the dot product of the activations with one chunk of their weights, and for odd weights the sum
// of the activations.
module pe_dot `include "pe_dut.svh"
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
