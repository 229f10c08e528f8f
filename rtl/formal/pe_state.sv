// SPDX-License-Identifier: Apache-2.0
// What mp_pe keeps: the accumulator takes a whole step at its last chunk, saturating or wrapping, and says so; nothing
// changes otherwise; the shadow takes the accumulator on capture. The sums of this cycle are free here (pe_step and pe_dot
// have them), in the range of 8 bit weights.
module pe_state `include "pe_dut.svh"
  (* hierconn *) wire signed [StepBits-1:0] \dut.ones ;
  (* hierconn *) wire signed [StepBits-1:0] \dut.partial_d ;
  (* hierconn *) wire signed [StepBits-1:0] \dut.partial_q ;
  (* hierconn *) wire signed [AccBits-1:0] \dut.acc_q ;

  // Numbers that are wide enough.
  logic signed [79:0] exact, least, most;
  logic out_of_range;
  logic [AccBits-1:0] acc;
  assign most = (80'sd1 <<< (AccBits - 1)) - 80'sd1;
  assign least = -(80'sd1 <<< (AccBits - 1));
  assign exact = (clear_i ? 80'sd0 : 80'(\dut.acc_q )) +
      (odd_i ? 80'sd2 * 80'(\dut.partial_d ) + 80'(\dut.ones ) : 80'(\dut.partial_d ));
  assign out_of_range = exact < least || exact > most;
  assign acc = !Saturate || !out_of_range ? exact[AccBits-1:0] : exact < 0 ? least[AccBits-1:0] : most[AccBits-1:0];

  always_comb begin
    assume (\dut.partial_d >= -128 * 256 * Lanes && \dut.partial_d <= 128 * 256 * Lanes);
    assume (\dut.ones >= -256 * Lanes && \dut.ones <= 255 * Lanes);
    assert (overflow == (valid_i && last_i && out_of_range));
    if (!Shadow) begin
      assert (sum == \dut.acc_q );
    end
  end

  logic past_q;
  initial past_q = 1'b0;
  always_ff @(posedge clk_i) begin
    past_q <= 1'b1;
    if (past_q && !$past(rst_ni)) begin
      assert (\dut.acc_q == 0 && \dut.partial_q == 0 && sum == 0);
    end else if (past_q) begin
      if ($past(en_i && valid_i)) begin
        assert (\dut.partial_q == $past(\dut.partial_d ));
      end else begin
        assert (\dut.partial_q == $past(\dut.partial_q ));
      end
      if ($past(en_i && valid_i && last_i)) begin
        assert (\dut.acc_q == $past(acc));
      end else begin
        assert (\dut.acc_q == $past(\dut.acc_q ));
      end
      if (Shadow) begin
        assert (sum == ($past(en_i && capture_i) ? $past(\dut.acc_q ) : $past(sum)));
      end
    end
    cover (past_q && $past(overflow && en_i && odd_i && !clear_i) && rst_ni);
  end

endmodule
