// SPDX-License-Identifier: Apache-2.0
// A lane: what a weight's chunks add up to, most significant first, is the product of activation and weight, for every
// activation and every weight of `Chunks` chunks.
module product #(
    parameter int SerialBits = 1,
    parameter int Chunks = 8
) (
    input logic signed [                 8:0] act_i,
    input logic signed [SerialBits*Chunks-1:0] weight_i
);
  logic signed [16:0] sum[Chunks];
  for (genvar c = 0; c < Chunks; c++) begin : gen_chunk
    logic [SerialBits-1:0] chunk;
    assign chunk = weight_i[SerialBits*(Chunks-1-c)+:SerialBits];
    if (c == 0) begin : gen_first
      assign sum[c] = 17'(act_i) * 17'($signed(chunk));
    end else begin : gen_other
      assign sum[c] = (sum[c-1] <<< SerialBits) + 17'(act_i) * 17'($signed({1'b0, chunk}));
    end
  end

  always_comb begin
    assert (sum[Chunks-1] == 17'(act_i) * 17'(weight_i));
    cover (sum[Chunks-1] == -17'sd7);
  end

endmodule
