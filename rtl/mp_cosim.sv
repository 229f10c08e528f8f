// SPDX-License-Identifier: Apache-2.0
// The core with a window for the co-simulation: what the simulator expects goes into the same waveform.
module mp_cosim #(
    parameter int Rows = 4,
    parameter int Cols = 4,
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int AccBits = 32,
    parameter bit Saturate = 1'b1,
    parameter bit Shadow = 1'b1,
    parameter bit RowPixel = 1'b1,  // what rows and columns may carry
    parameter bit RowOc = 1'b1,
    parameter bit ColPixel = 1'b1,
    parameter bit ColOc = 1'b1,
    parameter int InputBits = 131072,  // buffers, both halves
    parameter int WeightBits = 131072,
    parameter int OutputBits = 65536,
    parameter int InputPort = 128,  // bits a cycle, all banks
    parameter int WeightPort = 64,
    parameter int OutputPort = 128,
    parameter int InputWord = 64,  // bits a cycle, one bank
    parameter int WeightWord = 64,
    parameter int OutputWord = 64,
    parameter bit InputDouble = 1'b1,
    parameter bit WeightDouble = 1'b1,
    parameter bit OutputDouble = 1'b1,
    parameter int VecLanes = 4,
    parameter int ParamBits = 72
) (
    input logic clk_i,
    input logic rst_ni,
    input logic core_en_i,  // memory moves at every edge, the rest at edges with this

    input  logic        reg_we_i,
    input  logic [ 7:0] reg_addr_i,
    input  logic [31:0] reg_wdata_i,
    output logic [31:0] reg_rdata_o,
    output logic        busy_o,

    input  logic                            desc_valid_i,
    output logic                            desc_ready_o,
    input  logic [mp_pkg::DescWords*32-1:0] desc_i,

    output logic        mem_req_valid_o,
    input  logic        mem_req_ready_i,
    output logic        mem_req_write_o,
    output logic [31:0] mem_req_addr_o,    // in bursts of 64 bytes
    output logic [31:0] mem_req_bursts_o,
    input  logic        mem_rvalid_i,
    output logic        mem_rready_o,
    input  logic [63:0] mem_rdata_i,
    output logic        mem_wvalid_o,
    input  logic        mem_wready_i,
    output logic [63:0] mem_wdata_o,
    input  logic        mem_wdone_i,       // a write request is over
    input  logic        mem_busy_i,        // the channel works in this core cycle

    // tile, PE row, PE column, expected sum, expected output, output index, expected cause, valid
    input logic [8*32-1:0] exp_i
);
  mp_core #(
      .Rows(Rows),
      .Cols(Cols),
      .Lanes(Lanes),
      .SerialBits(SerialBits),
      .AccBits(AccBits),
      .Saturate(Saturate),
      .Shadow(Shadow),
      .RowPixel(RowPixel),
      .RowOc(RowOc),
      .ColPixel(ColPixel),
      .ColOc(ColOc),
      .InputBits(InputBits),
      .WeightBits(WeightBits),
      .OutputBits(OutputBits),
      .InputPort(InputPort),
      .WeightPort(WeightPort),
      .OutputPort(OutputPort),
      .InputWord(InputWord),
      .WeightWord(WeightWord),
      .OutputWord(OutputWord),
      .InputDouble(InputDouble),
      .WeightDouble(WeightDouble),
      .OutputDouble(OutputDouble),
      .VecLanes(VecLanes),
      .ParamBits(ParamBits)
  ) u_core (
      .clk_i,
      .rst_ni,
      .core_en_i,
      .reg_we_i,
      .reg_addr_i,
      .reg_wdata_i,
      .reg_rdata_o,
      .busy_o,
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .mem_req_valid_o,
      .mem_req_ready_i,
      .mem_req_write_o,
      .mem_req_addr_o,
      .mem_req_bursts_o,
      .mem_rvalid_i,
      .mem_rready_o,
      .mem_rdata_i,
      .mem_wvalid_o,
      .mem_wready_i,
      .mem_wdata_o,
      .mem_wdone_i,
      .mem_busy_i
  );

  mp_expect u_expect (
      .clk_i,
      .exp_i
  );

endmodule
