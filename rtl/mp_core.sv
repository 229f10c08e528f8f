// SPDX-License-Identifier: Apache-2.0
// The bit-serial accelerator core: sequencer, DMA, three buffers, array, vector unit, host registers. docs/core.md has its
// block diagram, descriptors, register map and timing. Parameters are those of an arch.json.
module mp_core #(
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
    input  logic        mem_busy_i         // the channel works in this core cycle
);
  function automatic int most(input int a, input int b);
    most = a > b ? a : b;
  endfunction

  localparam int Pixels = (RowPixel ? Rows : 1) * (ColPixel ? Cols : 1);
  localparam int Channels = (RowOc ? Rows : 1) * (ColOc ? Cols : 1);
  // Sums that the output port takes in a cycle, at most: what is left of a cycle before is less than one.
  localparam int PortSums = (OutputPort + AccBits - 1) / AccBits;
  localparam int Sums = Rows * Cols < PortSums ? Rows * Cols : PortSums;
  // Windows of the buffers: powers of two.
  localparam int WeightWidth = 1 << $clog2(most(WeightPort, 64));
  localparam int OutputWidth = 1 << $clog2(most(most(Sums * AccBits, 64), VecLanes * 32));
  localparam int InputHalf = (InputBits / (InputDouble ? 2 : 1) + 63) / 64 * 64;
  localparam int WeightHalf = WeightBits / (WeightDouble ? 2 : 1);
  localparam int OutputHalf = OutputBits / (OutputDouble ? 2 : 1);
  localparam int OutputHalves = OutputDouble ? 2 : 1;

  logic [mp_pkg::DescWords*32-1:0] load_desc, compute_desc, drain_desc;
  logic phase, dma_done;
  logic [3:0] jobs;
  logic start, array_start, array_busy, array_done, requant_start, operate_start, vector_busy, vector_done;
  logic [2:0] array_cause, cause;
  logic [31:0] pes, turned;

  mp_seq #(
      .Rows(Rows),
      .Cols(Cols),
      .VecLanes(VecLanes),
      .InputDouble(InputDouble),
      .WeightDouble(WeightDouble),
      .OutputDouble(OutputDouble)
  ) u_seq (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .start_i(start),
      .busy_o,
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .load_o(load_desc),
      .compute_o(compute_desc),
      .drain_o(drain_desc),
      .phase_o(phase),
      .jobs_o(jobs),
      .dma_done_i(dma_done),
      .mem_busy_i,
      .array_start_o(array_start),
      .array_busy_i(array_busy),
      .array_done_i(array_done),
      .array_cause_i(array_cause),
      .requant_start_o(requant_start),
      .operate_start_o(operate_start),
      .vector_busy_i(vector_busy),
      .vector_done_i(vector_done),
      .cause_o(cause),
      .pes_o(pes),
      .turned_o(turned)
  );

`ifndef SYNTHESIS
  // What the parameters must keep to, and the memory port: what is offered stays until it is taken.
  initial begin
    assert (SerialBits == 1 || SerialBits == 2 || SerialBits == 4)
    else $error("SerialBits must be 1, 2 or 4 (got %0d)", SerialBits);
    assert (AccBits >= 2 && AccBits <= 32)
    else $error("AccBits must be 2..32 (got %0d)", AccBits);
    assert (ParamBits >= 72)
    else $error("ParamBits must be at least 72 (got %0d)", ParamBits);
  end

  logic req_waits_q, write_waits_q, req_write_q;
  logic [31:0] req_addr_q, req_bursts_q;
  logic [63:0] wdata_q;
  always_ff @(posedge clk_i) begin
    req_waits_q   <= rst_ni && mem_req_valid_o && !mem_req_ready_i;
    write_waits_q <= rst_ni && mem_wvalid_o && !mem_wready_i;
    req_write_q   <= mem_req_write_o;
    req_addr_q    <= mem_req_addr_o;
    req_bursts_q  <= mem_req_bursts_o;
    wdata_q       <= mem_wdata_o;
    if (rst_ni && req_waits_q) begin
      assert (mem_req_valid_o && mem_req_write_o == req_write_q && mem_req_addr_o == req_addr_q &&
              mem_req_bursts_o == req_bursts_q)
      else $error("a request changed before it was taken");
    end
    if (rst_ni && write_waits_q) begin
      assert (mem_wvalid_o && mem_wdata_o == wdata_q)
      else $error("a write beat changed before it was taken");
    end
  end
`endif

  // Memory side.
  logic input_write, weight_write, partial_write, param_write, raw_read, beat_valid, beat_ready;
  logic dma_restart, raw_restart;
  logic [31:0] dma_addr, raw_addr, dma_input_bits, dma_weight_bits, dma_partial_bits, raw_bits, dram_read, dram_write;
  logic [15:0] dma_bits;
  logic [63:0] dma_data, raw_data, beat;
  logic [13:0] param_index;
  logic [71:0] param;
  mp_dma #(
      .ParamBits(ParamBits),
      .InputHalf(InputHalf),
      .WeightHalf(WeightHalf)
  ) u_dma (
      .clk_i,
      .rst_ni,
      .phase_i(phase),
      .jobs_i(jobs),
      .load_i(load_desc),
      .drain_i(drain_desc),
      .done_o(dma_done),
      .req_valid_o(mem_req_valid_o),
      .req_ready_i(mem_req_ready_i),
      .req_write_o(mem_req_write_o),
      .req_addr_o(mem_req_addr_o),
      .req_bursts_o(mem_req_bursts_o),
      .rvalid_i(mem_rvalid_i),
      .rready_o(mem_rready_o),
      .rdata_i(mem_rdata_i),
      .wvalid_o(mem_wvalid_o),
      .wready_i(mem_wready_i),
      .wdata_o(mem_wdata_o),
      .wdone_i(mem_wdone_i),
      .input_write_o(input_write),
      .weight_write_o(weight_write),
      .partial_write_o(partial_write),
      .write_addr_o(dma_addr),
      .write_bits_o(dma_bits),
      .write_data_o(dma_data),
      .param_write_o(param_write),
      .param_index_o(param_index),
      .param_o(param),
      .read_o(raw_read),
      .raddr_o(raw_addr),
      .rdata_buffer_i(raw_data),
      .beat_valid_i(beat_valid),
      .beat_ready_o(beat_ready),
      .beat_i(beat),
      .restart_o(dma_restart),
      .input_bits_o(dma_input_bits),
      .weight_bits_o(dma_weight_bits),
      .partial_bits_o(dma_partial_bits),
      .raw_restart_o(raw_restart),
      .raw_bits_o(raw_bits),
      .dram_read_o(dram_read),
      .dram_write_o(dram_write)
  );

  // The array and its control.
  logic slot, fold_first, tile_first, input_read, weight_read, load, exec, exec_first, exec_last, exec_clear;
  logic transfer, drain;
  logic [3:0] exec_chunk;
  logic [31:0] group, pixels, channels, operands, weight_addr, weight_beat, load_channels, load_lanes, exec_pixels;
  logic [31:0] exec_channels, drain_pixels, drain_channels, drain_base, active, updates, input_words, weight_words;
  logic [31:0] output_words, net_bits;
  logic unused_channels;
  assign unused_channels = ^channels;
  mp_front #(
      .Rows(Rows),
      .Cols(Cols),
      .Lanes(Lanes),
      .SerialBits(SerialBits),
      .AccBits(AccBits),
      .Shadow(Shadow),
      .InputPort(InputPort),
      .InputWord(InputWord),
      .WeightPort(WeightPort),
      .WeightWord(WeightWord),
      .OutputPort(OutputPort),
      .OutputWord(OutputWord)
  ) u_front (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .start_i(array_start),
      .desc_i(compute_desc),
      .busy_o(array_busy),
      .done_o(array_done),
      .cause_o(array_cause),
      .slot_o(slot),
      .fold_first_o(fold_first),
      .tile_first_o(tile_first),
      .group_o(group),
      .pixels_o(pixels),
      .channels_o(channels),
      .operands_o(operands),
      .input_read_o(input_read),
      .weight_read_o(weight_read),
      .weight_addr_o(weight_addr),
      .weight_beat_o(weight_beat),
      .load_o(load),
      .load_channels_o(load_channels),
      .load_lanes_o(load_lanes),
      .exec_o(exec),
      .exec_first_o(exec_first),
      .exec_last_o(exec_last),
      .exec_clear_o(exec_clear),
      .exec_chunk_o(exec_chunk),
      .exec_pixels_o(exec_pixels),
      .exec_channels_o(exec_channels),
      .transfer_o(transfer),
      .drain_o(drain),
      .drain_pixels_o(drain_pixels),
      .drain_channels_o(drain_channels),
      .drain_base_o(drain_base),
      .active_o(active),
      .updates_o(updates),
      .input_words_o(input_words),
      .weight_words_o(weight_words),
      .output_words_o(output_words),
      .net_bits_o(net_bits)
  );

  logic [9*Pixels*Lanes-1:0] act;
  logic vec_read;
  logic [32*VecLanes-1:0] vec_a_addr, vec_b_addr, vec_a_place, vec_b_place;
  logic [9*VecLanes-1:0] vec_a, vec_b;
  logic [31:0] input_base;
  assign input_base = compute_desc[mp_pkg::DescFlags*32+mp_pkg::FlagInHalf] ? 32'(InputHalf) : 32'd0;
  for (genvar v = 0; v < VecLanes; v++) begin : gen_place
    assign vec_a_place[32*v+:32] = vec_a_addr[32*v+:32] + input_base;
    assign vec_b_place[32*v+:32] = vec_b_addr[32*v+:32] + input_base;
  end
  mp_input #(
      .Pixels(Pixels),
      .Lanes(Lanes),
      .Port(InputPort),
      .Bits(InputHalf * (InputDouble ? 2 : 1)),
      .VecLanes(VecLanes)
  ) u_input (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .write_i(input_write),
      .waddr_i(dma_addr),
      .wdata_i(dma_data),
      .desc_i(compute_desc),
      .base_i(input_base),
      .slot_i(slot),
      .fold_first_i(fold_first),
      .tile_first_i(tile_first),
      .group_i(group),
      .pixels_i(pixels),
      .operands_i(operands),
      .read_i(input_read),
      .act_o(act),
      .vec_read_i(vec_read),
      .vec_a_addr_i(vec_a_place),
      .vec_b_addr_i(vec_b_place),
      .vec_a_o(vec_a),
      .vec_b_o(vec_b)
  );

  logic [WeightWidth-1:0] weight_window;
  logic [31:0] weight_base;
  logic unused_window;
  assign unused_window = ^weight_window;  // a window is wider than a port that is no power of two
  assign weight_base = compute_desc[mp_pkg::DescFlags*32+mp_pkg::FlagWHalf] ? 32'(WeightHalf) : 32'd0;
  mp_window_ram #(
      .Width(WeightWidth),
      .Bits(WeightBits)
  ) u_weight (
      .clk_i,
      .write_i(weight_write),
      .waddr_i(dma_addr),
      .wbits_i(dma_bits),
      .wdata_i(WeightWidth'(dma_data)),
      .read_i(core_en_i && weight_read),
      .raddr_i(weight_addr + weight_base),
      .rdata_o(weight_window)
  );

  logic [AccBits*Rows*Cols-1:0] sums;
  logic [31:0] array_overflows, drain_overflows;
  mp_array #(
      .Rows(Rows),
      .Cols(Cols),
      .Lanes(Lanes),
      .SerialBits(SerialBits),
      .AccBits(AccBits),
      .Saturate(Saturate),
      .Shadow(Shadow),
      .Port(WeightPort),
      .RowPixel(RowPixel),
      .RowOc(RowOc),
      .ColPixel(ColPixel),
      .ColOc(ColOc),
      .Pixels(Pixels),
      .Channels(Channels)
  ) u_array (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .desc_i(compute_desc),
      .weight_read_i(weight_read),
      .weight_beat_i(weight_beat),
      .weight_i(weight_window[WeightPort-1:0]),
      .act_i(act),
      .load_i(load),
      .load_channels_i(load_channels),
      .load_lanes_i(load_lanes),
      .exec_i(exec),
      .exec_first_i(exec_first),
      .exec_last_i(exec_last),
      .exec_clear_i(exec_clear),
      .exec_chunk_i(exec_chunk),
      .exec_pixels_i(exec_pixels),
      .exec_channels_i(exec_channels),
      .transfer_i(transfer),
      .sums_o(sums),
      .overflows_o(array_overflows)
  );

  logic sum_read, sum_write, vector_read, vector_write;
  logic [31:0] sum_raddr, sum_waddr, vector_raddr, vector_waddr;
  logic [15:0] sum_bits, vector_bits;
  logic [OutputWidth-1:0] sum_rdata, sum_wdata, vector_rdata, vector_wdata;
  mp_drain #(
      .Rows(Rows),
      .Cols(Cols),
      .AccBits(AccBits),
      .Saturate(Saturate),
      .Port(OutputPort),
      .Sums(Sums),
      .Width(OutputWidth)
  ) u_drain (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .desc_i(compute_desc),
      .sums_i(sums),
      .transfer_i(transfer),
      .drain_i(drain),
      .pixels_i(drain_pixels),
      .channels_i(drain_channels),
      .base_i(drain_base),
      .read_o(sum_read),
      .raddr_o(sum_raddr),
      .rdata_i(sum_rdata),
      .write_o(sum_write),
      .waddr_o(sum_waddr),
      .wbits_o(sum_bits),
      .wdata_o(sum_wdata),
      .overflows_o(drain_overflows)
  );

  // The output buffer. The array's tile and the tile that drains lie in different halves, or take turns.
  logic [OutputWidth-1:0] low_rdata, high_rdata;
  for (genvar h = 0; h < OutputHalves; h++) begin : gen_half
    logic computes, drains, loads, read, write;
    logic [31:0] raddr, waddr;
    logic [15:0] bits;
    logic [OutputWidth-1:0] wdata, rdata;
    assign computes = OutputHalves == 1 || compute_desc[mp_pkg::DescFlags*32+mp_pkg::FlagOutHalf] == 1'(h);
    assign drains = OutputHalves == 1 || drain_desc[mp_pkg::DescFlags*32+mp_pkg::FlagOutHalf] == 1'(h);
    assign loads = OutputHalves == 1 || load_desc[mp_pkg::DescFlags*32+mp_pkg::FlagOutHalf] == 1'(h);
    assign read = (core_en_i && sum_read && computes) || (core_en_i && vector_read && drains) || (raw_read && drains);
    assign raddr = sum_read && computes ? sum_raddr : vector_read ? vector_raddr : raw_addr;
    assign write = (core_en_i && (sum_write || vector_write) && computes) || (partial_write && loads);
    assign {waddr, bits} = !(partial_write && loads) ? (sum_write ? {sum_waddr, sum_bits} : {vector_waddr, vector_bits}) :
        {dma_addr, dma_bits};
    assign wdata = !(partial_write && loads) ? (sum_write ? sum_wdata : vector_wdata) : OutputWidth'(dma_data);
    mp_window_ram #(
        .Width(OutputWidth),
        .Bits(OutputHalf)
    ) u_output (
        .clk_i,
        .write_i(write),
        .waddr_i(waddr),
        .wbits_i(bits),
        .wdata_i(wdata),
        .read_i(read),
        .raddr_i(raddr),
        .rdata_o(rdata)
    );
    if (h == 0) begin : gen_low
      assign low_rdata = rdata;
    end else begin : gen_high
      assign high_rdata = rdata;
    end
`ifndef SYNTHESIS
    always_ff @(posedge clk_i) begin
      if (rst_ni) begin
        assert ($onehot0({core_en_i && sum_read && computes, core_en_i && vector_read && drains, raw_read && drains}))
        else $error("two readers of half %0d of the output buffer", h);
        assert ($onehot0({core_en_i && sum_write && computes, core_en_i && vector_write && computes,
                          partial_write && loads}))
        else $error("two writers of half %0d of the output buffer", h);
      end
    end
`endif
  end
  if (OutputHalves == 1) begin : gen_one_half
    assign high_rdata = low_rdata;
  end
  assign sum_rdata = compute_desc[mp_pkg::DescFlags*32+mp_pkg::FlagOutHalf] ?
      high_rdata : low_rdata;
  assign vector_rdata = drain_desc[mp_pkg::DescFlags*32+mp_pkg::FlagOutHalf] ?
      high_rdata : low_rdata;
  assign raw_data = vector_rdata[63:0];

  // The vector unit: on the tile that drains, or on the tile of a layer of its own.
  logic [mp_pkg::DescWords*32-1:0] vector_desc;
  logic vector_restart;
  logic [31:0] vector_sum_bits, vector_element_bits, vector_result_bits, requants, alu;
  assign vector_desc = compute_desc[mp_pkg::DescFlags*32+mp_pkg::FlagArray] ? drain_desc : compute_desc;
  mp_vector #(
      .Rows(Rows),
      .Cols(Cols),
      .Lanes(VecLanes),
      .AccBits(AccBits),
      .Width(OutputWidth)
  ) u_vector (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .requant_i(requant_start),
      .operate_i(operate_start),
      .desc_i(vector_desc),
      .busy_o(vector_busy),
      .done_o(vector_done),
      .param_write_i(param_write),
      .param_index_i(param_index),
      .param_i(param),
      .read_o(vector_read),
      .raddr_o(vector_raddr),
      .rdata_i(vector_rdata),
      .vec_read_o(vec_read),
      .vec_a_addr_o(vec_a_addr),
      .vec_b_addr_o(vec_b_addr),
      .vec_a_i(vec_a),
      .vec_b_i(vec_b),
      .write_o(vector_write),
      .waddr_o(vector_waddr),
      .wbits_o(vector_bits),
      .wdata_o(vector_wdata),
      .beat_valid_o(beat_valid),
      .beat_ready_i(beat_ready),
      .beat_o(beat),
      .restart_o(vector_restart),
      .sum_bits_o(vector_sum_bits),
      .element_bits_o(vector_element_bits),
      .result_bits_o(vector_result_bits),
      .requants_o(requants),
      .alu_o(alu)
  );

  // Counters. Streams of bits count the words that they open.
  logic [31:0] input_written, weight_written, partial_written, raw_words, sum_words, element_words, result_words;
  logic result_first_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      result_first_q <= 1'b1;
    end else if (core_en_i) begin
      result_first_q <= vector_restart || (result_first_q && !vector_write);
    end
  end
  mp_words #(.Word(InputWord)) u_input_written (
      .clk_i, .rst_ni, .en_i(input_write), .restart_i(dma_restart), .bits_i(dma_input_bits), .words_o(input_written)
  );
  mp_words #(.Word(WeightWord)) u_weight_written (
      .clk_i, .rst_ni, .en_i(weight_write || (dma_restart && mem_rvalid_i)), .restart_i(dma_restart),
      .bits_i(dma_weight_bits), .words_o(weight_written)
  );
  mp_words #(.Word(OutputWord)) u_partial_written (
      .clk_i, .rst_ni, .en_i(partial_write), .restart_i(dma_restart), .bits_i(dma_partial_bits), .words_o(partial_written)
  );
  mp_words #(.Word(OutputWord)) u_raw_read (
      .clk_i, .rst_ni, .en_i(raw_read), .restart_i(raw_restart), .bits_i(raw_bits), .words_o(raw_words)
  );
  mp_words #(.Word(OutputWord)) u_sum_read (
      .clk_i, .rst_ni, .en_i(core_en_i), .restart_i(vector_restart), .bits_i(vector_sum_bits), .words_o(sum_words)
  );
  mp_words #(.Word(InputWord)) u_element_read (
      .clk_i, .rst_ni, .en_i(core_en_i), .restart_i(vector_restart), .bits_i(vector_element_bits), .words_o(element_words)
  );
  mp_words #(.Word(OutputWord)) u_result_written (
      .clk_i, .rst_ni, .en_i(core_en_i), .restart_i(result_first_q), .bits_i(vector_result_bits), .words_o(result_words)
  );

  logic [32*mp_pkg::Events-1:0] core_events, edge_events;
  logic adds;
  assign adds = compute_desc[mp_pkg::DescFlags*32+mp_pkg::FlagAdds];
  always_comb begin
    core_events = '0;
    edge_events = '0;
    core_events[32*mp_pkg::EvPeActive+:32]    = active;
    core_events[32*mp_pkg::EvPeIdle+:32]      = pes - active;
    core_events[32*mp_pkg::EvAccUpdate+:32]   = updates;
    core_events[32*mp_pkg::EvInputRead+:32]   = input_words + element_words;
    core_events[32*mp_pkg::EvWeightRead+:32]  = weight_words;
    core_events[32*mp_pkg::EvOutputRead+:32]  = (adds ? output_words : 32'd0) + sum_words;
    core_events[32*mp_pkg::EvOutputWrite+:32] = output_words + result_words;
    core_events[32*mp_pkg::EvNetBit+:32]      = net_bits;
    core_events[32*mp_pkg::EvVecRequant+:32]  = requants;
    core_events[32*mp_pkg::EvVecAlu+:32]      = alu + turned;
    core_events[32*mp_pkg::EvCycle+:32]       = 32'(busy_o);
    edge_events[32*mp_pkg::EvInputWrite+:32]  = input_written;
    edge_events[32*mp_pkg::EvWeightWrite+:32] = weight_written;
    edge_events[32*mp_pkg::EvOutputRead+:32]  = raw_words;
    edge_events[32*mp_pkg::EvOutputWrite+:32] = partial_written;
    edge_events[32*mp_pkg::EvDramRead+:32]    = dram_read;
    edge_events[32*mp_pkg::EvDramWrite+:32]   = dram_write;
  end

  mp_regs #(
      .Rows(Rows),
      .Cols(Cols),
      .Lanes(Lanes),
      .SerialBits(SerialBits),
      .AccBits(AccBits)
  ) u_regs (
      .clk_i,
      .rst_ni,
      .en_i(core_en_i),
      .we_i(reg_we_i),
      .addr_i(reg_addr_i),
      .wdata_i(reg_wdata_i),
      .rdata_o(reg_rdata_o),
      .start_o(start),
      .busy_i(busy_o),
      .tile_i(compute_desc[mp_pkg::DescTile*32+:32]),
      .cause_i(cause),
      .overflows_i(array_overflows + drain_overflows),
      .core_i(core_events),
      .edge_i(edge_events)
  );

endmodule
