// SPDX-License-Identifier: Apache-2.0
// Moves tiles between memory and buffers. A phase has up to four requests, issued one behind the other: the drain of the tile
// before, then inputs, weights (with the parameters in front of them) and partial sums. The drain comes first: a tile's partial
// sums may be read back by the next tile but one, into the half that the drain empties.
//
// This unit runs at every clock edge, also between core cycles: memory may be faster than the core.
module mp_dma #(
    parameter int ParamBits = 72,
    parameter int InputHalf = 65536,  // bits from one half of a buffer to the other
    parameter int WeightHalf = 65536
) (
    input logic clk_i,
    input logic rst_ni,

    // A phase begins when phase_i changes; all else is steady until done_o.
    input  logic                            phase_i,
    input  logic [                     3:0] jobs_i,   // drain, input, weight, partial
    input  logic [mp_pkg::DescWords*32-1:0] load_i,   // tile to load
    input  logic [mp_pkg::DescWords*32-1:0] drain_i,  // tile to drain
    output logic                            done_o,

    output logic        req_valid_o,
    input  logic        req_ready_i,
    output logic        req_write_o,
    output logic [31:0] req_addr_o,    // in bursts
    output logic [31:0] req_bursts_o,
    input  logic        rvalid_i,
    output logic        rready_o,
    input  logic [63:0] rdata_i,
    output logic        wvalid_o,
    input  logic        wready_i,
    output logic [63:0] wdata_o,
    input  logic        wdone_i,

    output logic        input_write_o,
    output logic        weight_write_o,
    output logic        partial_write_o,
    output logic [31:0] write_addr_o,    // in bits; inputs and weights: of the buffer, partial sums: of the tile
    output logic [15:0] write_bits_o,
    output logic [63:0] write_data_o,
    output logic        param_write_o,
    output logic [13:0] param_index_o,
    output logic [71:0] param_o,

    // Tiles that leave as they lie in the output buffer; others come as beats from the vector unit.
    output logic        read_o,
    output logic [31:0] raddr_o,
    input  logic [63:0] rdata_buffer_i,
    input  logic        beat_valid_i,
    output logic        beat_ready_o,
    input  logic [63:0] beat_i,

    // Counts of this edge.
    output logic        restart_o,       // the first beat of an operand
    output logic [31:0] input_bits_o,
    output logic [31:0] weight_bits_o,   // without parameters
    output logic [31:0] partial_bits_o,
    output logic        raw_restart_o,
    output logic [31:0] raw_bits_o,      // read from the output buffer
    output logic [31:0] dram_read_o,
    output logic [31:0] dram_write_o
);
  localparam int JobDrain = 0;
  localparam int JobInput = 1;
  localparam int JobWeight = 2;
  localparam int JobPartial = 3;

  logic phase_q, fresh;
  logic [3:0] ask_q, ask;  // requests to issue
  logic [3:0] read_q, reads;  // operands that are not yet there
  logic write_q, writing;  // beats left to send
  logic wait_q, waiting;  // for the write to be over
  assign fresh = phase_i != phase_q;
  assign ask = fresh ? jobs_i : ask_q;
  assign reads = fresh ? jobs_i & 4'b1110 : read_q;
  assign writing = fresh ? jobs_i[JobDrain] : write_q;
  assign waiting = fresh ? jobs_i[JobDrain] : wait_q;
  assign done_o = reads == 0 && !waiting;

  // Sizes.
  logic drain_final;
  logic [31:0] param_total, weight_total, drain_bits, total, drain_bursts;
  assign param_total = load_i[mp_pkg::DescParams*32+:32] * 32'(ParamBits);
  assign weight_total = load_i[mp_pkg::DescWBits*32+:32] + param_total;
  // Sums of a reduction that goes on leave for the place where partial sums wait.
  assign drain_final = drain_i[mp_pkg::DescFlags*32+mp_pkg::FlagFinal];
  assign drain_bits = drain_final ? drain_i[mp_pkg::DescOutBits*32+:32] : drain_i[mp_pkg::DescPBits*32+:32];
  assign drain_bursts = (drain_bits + 32'd511) >> 9;

  logic [1:0] asked;
  always_comb begin
    asked        = 2'(JobDrain);
    req_addr_o   = drain_final ? drain_i[mp_pkg::DescOutAddr*32+:32] : drain_i[mp_pkg::DescPAddr*32+:32];
    req_bursts_o = drain_bursts;
    if (!ask[JobDrain] && ask[JobInput]) begin
      asked        = 2'(JobInput);
      req_addr_o   = load_i[mp_pkg::DescInAddr*32+:32];
      req_bursts_o = (load_i[mp_pkg::DescInBits*32+:32] + 32'd511) >> 9;
    end else if (!ask[JobDrain] && ask[JobWeight]) begin
      asked        = 2'(JobWeight);
      req_addr_o   = load_i[mp_pkg::DescWAddr*32+:32];
      req_bursts_o = (weight_total + 32'd511) >> 9;
    end else if (!ask[JobDrain]) begin
      asked        = 2'(JobPartial);
      req_addr_o   = load_i[mp_pkg::DescPAddr*32+:32];
      req_bursts_o = (load_i[mp_pkg::DescPBits*32+:32] + 32'd511) >> 9;
    end
  end
  assign req_valid_o = ask != 0;
  assign req_write_o = ask[JobDrain];

  // Reads: the operand that comes now, and where in it we are.
  logic is_input, is_weight, is_partial, take, last_beat;
  logic [31:0] pos_q, left, bits, skipped;
  assign is_input = reads[JobInput];
  assign is_weight = !is_input && reads[JobWeight];
  assign is_partial = !is_input && !is_weight && reads[JobPartial];
  assign total = is_input ? load_i[mp_pkg::DescInBits*32+:32] :
      is_weight ? weight_total : load_i[mp_pkg::DescPBits*32+:32];
  assign rready_o = !(is_partial && writing);
  assign take = rvalid_i && rready_o;
  assign left = pos_q < total ? total - pos_q : '0;
  assign bits = left < 64 ? left : 32'd64;
  assign last_beat = ((pos_q + 32'd64) & ~32'd511) == pos_q + 32'd64 && pos_q + 32'd64 >= total;  // of whole bursts

  // Bits of this beat that are parameters.
  assign skipped = !is_weight || pos_q >= param_total ? '0 : (param_total - pos_q < bits ? param_total - pos_q : bits);
  assign write_bits_o = 16'(bits - skipped);
  assign write_data_o = rdata_i >> skipped;
  assign input_write_o = take && is_input && bits != 0;
  assign weight_write_o = take && is_weight && write_bits_o != 0;
  assign partial_write_o = take && is_partial && bits != 0;
  always_comb begin
    write_addr_o = pos_q;
    if (is_input) begin
      write_addr_o = pos_q + (load_i[mp_pkg::DescFlags*32+mp_pkg::FlagInHalf] ? 32'(InputHalf) : '0);
    end else if (is_weight) begin
      write_addr_o = pos_q + skipped - param_total +
          (load_i[mp_pkg::DescFlags*32+mp_pkg::FlagWHalf] ? 32'(WeightHalf) : '0);
    end
  end

  // Parameters: records of ParamBits in a stream of beats.
  logic [63:0] param_part;
  logic [ParamBits+63:0] record_q, record;
  logic [31:0] held_q, held, group_q, channel_q;
  logic whole;
  assign param_part = rdata_i & (64'hffff_ffff_ffff_ffff >> (32'd64 - skipped));
  always_comb begin
    record = record_q;
    if (skipped != 0) begin
      record = record_q | (ParamBits + 64)'(param_part) << held_q;
    end
  end
  assign held = held_q + skipped;
  assign whole = take && skipped != 0 && held >= 32'(ParamBits);
  assign param_write_o = whole;
  assign param_o = record[71:0];
  assign param_index_o = 14'(load_i[mp_pkg::DescChannel*32+:32] +
      group_q * load_i[mp_pkg::DescStride*32+:32] + channel_q);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {record_q, held_q, group_q, channel_q} <= '0;
    end else if (take && is_weight && last_beat) begin
      {record_q, held_q, group_q, channel_q} <= '0;
    end else if (take && skipped != 0) begin
      record_q <= whole ? record >> ParamBits : record;
      held_q   <= whole ? held - 32'(ParamBits) : held;
      if (whole) begin
        channel_q <= channel_q + 1 == load_i[mp_pkg::DescOc*32+:32] ? '0 : channel_q + 1;
        group_q   <= channel_q + 1 == load_i[mp_pkg::DescOc*32+:32] ? group_q + 1 : group_q;
      end
    end
  end

  // Writes, padded to whole bursts. A raw tile is read one beat ahead.
  logic raw, have_q, send, padding;
  logic [31:0] sent_q, fetched_q, sent;
  assign raw = !(drain_final && drain_i[mp_pkg::DescFlags*32+mp_pkg::FlagArray]);
  assign padding = (sent_q << 6) >= drain_bits;
  assign wvalid_o = writing && !fresh && !ask[JobDrain] && (padding || (raw ? have_q : beat_valid_i));
  assign send = wvalid_o && wready_i;
  assign sent = sent_q + 32'd1;
  assign beat_ready_o = wready_i && writing && !fresh && !ask[JobDrain] && !raw && !padding;
  assign wdata_o = padding ? '0 : raw ? rdata_buffer_i & (64'hffff_ffff_ffff_ffff >> (32'd64 - last_bits)) : beat_i;
  logic [31:0] last_bits, raw_left;
  assign last_bits = drain_bits - (sent_q << 6) < 64 ? drain_bits - (sent_q << 6) : 32'd64;
  assign raw_left = drain_bits - (fetched_q << 6);
  assign read_o = writing && !fresh && raw && (fetched_q << 6) < drain_bits && (!have_q || send);
  assign raddr_o = fetched_q << 6;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      phase_q <= 1'b0;
      ask_q   <= '0;
      read_q  <= '0;
      write_q <= 1'b0;
      wait_q  <= 1'b0;
      pos_q   <= '0;
      {have_q, sent_q, fetched_q} <= '0;
    end else begin
      phase_q <= phase_i;
      ask_q   <= ask;
      if (req_valid_o && req_ready_i) begin
        ask_q[asked] <= 1'b0;
      end
      read_q <= reads;
      if (take) begin
        pos_q <= last_beat ? '0 : pos_q + 32'd64;
        if (last_beat) begin
          read_q <= is_input ? reads & 4'b1100 : is_weight ? reads & 4'b1000 : 4'b0000;
        end
      end
      write_q <= writing;
      if (send) begin
        sent_q <= sent;
        have_q <= 1'b0;
        if (sent == drain_bursts << 3) begin
          write_q   <= 1'b0;
          sent_q    <= '0;
          fetched_q <= '0;
        end
      end
      if (read_o) begin
        have_q    <= 1'b1;
        fetched_q <= fetched_q + 32'd1;
      end
      wait_q <= waiting && !wdone_i;
    end
  end

  assign restart_o = pos_q == 0;
  assign input_bits_o = input_write_o ? bits : '0;
  assign weight_bits_o = weight_write_o ? bits - skipped : '0;
  assign partial_bits_o = partial_write_o ? bits : '0;
  assign raw_restart_o = fetched_q == 0;
  assign raw_bits_o = read_o ? (raw_left < 64 ? raw_left : 32'd64) : '0;
  assign dram_read_o = take ? bits : '0;
  assign dram_write_o = send && !padding ? last_bits : '0;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      assert (!fresh || (ask_q == 0 && read_q == 0 && !write_q && !wait_q))
      else $error("a phase begins before the one before it is over");
      assert (!rvalid_i || reads != 0)
      else $error("a read beat that nobody asked for");
    end
  end
`endif

endmodule
