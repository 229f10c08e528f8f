// SPDX-License-Identifier: Apache-2.0
// The sum over the lanes: shifting it is shifting each lane's product. With S the sum over the lanes below one, P that
// lane's product so far, D and M what a chunk adds to them,
//   2^s (S + P) + (D + M) = (2^s S + D) + (2^s P + M)
// so that, lane by lane, the PE's sum stays the sum of the products. The width is the PE's, which must hold the largest
// step: 256 * 255 a lane with odd weights.
module lane #(
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int StepBits = 18 + $clog2(Lanes + 1)
) (
    input logic [StepBits-1:0] s_i,
    input logic [StepBits-1:0] p_i,
    input logic [StepBits-1:0] d_i,
    input logic [StepBits-1:0] m_i
);
  always_comb begin
    assert (((s_i + p_i) << SerialBits) + (d_i + m_i) == ((s_i << SerialBits) + d_i) + ((p_i << SerialBits) + m_i));
    assert (64'(Lanes) * 64'd256 * 64'd255 < 64'd1 << (StepBits - 1));
    cover (p_i != 0 && m_i != 0);
  end

endmodule
