// SPDX-License-Identifier: Apache-2.0
// The partial sum of mp_pe: each chunk shifts it and adds its dot product, which is free here (pe_dot has it), and the first
// one begins anew. By `product` and `lane` the partial sum then is the dot product of the activations with the bits of
// the weights so far. The ghost counts these bits, which are at most 8, and holds the activations.
module pe_step `include "pe_dut.svh"
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
