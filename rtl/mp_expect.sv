// SPDX-License-Identifier: Apache-2.0
// What the simulator and its reference expect, beside the core's own signals: nothing here drives anything.
module mp_expect (
    input logic            clk_i,
    input logic [8*32-1:0] exp_i
);
  logic [31:0] tile_q, pe_row_q, pe_col_q, sum_q, value_q, index_q;
  mp_pkg::cause_e cause_q;
  logic valid_q;
  always_ff @(posedge clk_i) begin
    tile_q   <= exp_i[0*32+:32];
    pe_row_q <= exp_i[1*32+:32];
    pe_col_q <= exp_i[2*32+:32];
    sum_q    <= exp_i[3*32+:32];
    value_q  <= exp_i[4*32+:32];
    index_q  <= exp_i[5*32+:32];
    cause_q  <= mp_pkg::cause_e'(exp_i[6*32+:3]);
    valid_q  <= exp_i[7*32];
  end
  logic unused_expected;
  assign unused_expected = ^{tile_q, pe_row_q, pe_col_q, sum_q, value_q, index_q, cause_q, valid_q, exp_i};
endmodule
