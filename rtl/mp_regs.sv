// SPDX-License-Identifier: Apache-2.0
// Host registers and performance counters. Each cycle of a run is counted under its one cause; events are counted where
// they happen.
module mp_regs #(
    parameter int Rows = 4,
    parameter int Cols = 4,
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int AccBits = 32
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input  logic        we_i,
    input  logic [ 7:0] addr_i,   // in words
    input  logic [31:0] wdata_i,
    output logic [31:0] rdata_o,
    output logic        start_o,

    input logic        busy_i,
    input logic [31:0] tile_i,
    input logic [ 2:0] cause_i,
    input logic [31:0] overflows_i,
    input logic [32*mp_pkg::Events-1:0] core_i,  // events of this core cycle
    input logic [32*mp_pkg::Events-1:0] edge_i   // events of this clock edge: memory
);
  logic [64*mp_pkg::Counters-1:0] count_q;
  logic [31:0] overflows_q;
  logic clear, unused_bits;
  assign start_o = we_i && addr_i == 8'(mp_pkg::RegCtrl) && wdata_i[0];
  assign unused_bits = ^wdata_i[31:2];
  assign clear = we_i && addr_i == 8'(mp_pkg::RegCtrl) && wdata_i[1];

  for (genvar i = 0; i < mp_pkg::CntEvents; i++) begin : gen_cause
    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear) begin
        count_q[64*i+:64] <= '0;
      end else if (en_i && cause_i == 3'(i)) begin
        count_q[64*i+:64] <= count_q[64*i+:64] + 64'd1;
      end
    end
  end
  for (genvar i = 0; i < mp_pkg::Events; i++) begin : gen_event
    localparam int At = 64 * (mp_pkg::CntEvents + i);
    logic [31:0] step;
    assign step = (en_i ? core_i[32*i+:32] : 32'd0) + edge_i[32*i+:32];
    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear) begin
        count_q[At+:64] <= '0;
      end else if (step != 0) begin
        count_q[At+:64] <= count_q[At+:64] + 64'(step);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear) begin
      overflows_q <= '0;
    end else if (en_i) begin
      overflows_q <= overflows_q + overflows_i;
    end
  end

  logic [31:0] counter;
  always_comb begin
    counter = '0;
    for (int i = 0; i < 2 * mp_pkg::Counters; i++) begin
      if (addr_i == 8'(mp_pkg::RegCounters + i)) begin
        counter = count_q[32*i+:32];
      end
    end
  end

  always_comb begin
    unique case (addr_i)
      8'(mp_pkg::RegId):        rdata_o = mp_pkg::IdValue;
      8'(mp_pkg::RegStatus):    rdata_o = {30'd0, overflows_q != 0, busy_i};
      8'(mp_pkg::RegOverflows): rdata_o = overflows_q;
      8'(mp_pkg::RegShape):     rdata_o = {16'(Rows), 16'(Cols)};
      8'(mp_pkg::RegPe):        rdata_o = {16'(Lanes), 8'(SerialBits), 8'(AccBits)};
      8'(mp_pkg::RegTile):      rdata_o = tile_i;
      default:                  rdata_o = counter;
    endcase
  end

endmodule
