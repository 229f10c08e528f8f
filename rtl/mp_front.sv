// SPDX-License-Identifier: Apache-2.0
// The array's control. It walks a tile: groups, folds of output channels, folds of pixels, steps. Time is cut into
// slots: in a slot the operands of one step are read while the step before it is computed, so that a slot lasts as long
// as the slowest of weight port, input port and PEs. When a fold's last step is done its sums are handed to the drain, and
// if the fold before it still drains, everything here stands still ("freeze").
//
// All of this is one pipeline; the datapath follows at a fixed distance: operands are captured two cycles behind their
// read, PEs work two cycles behind the control, the drain three.
module mp_front #(
    parameter int Rows = 4,
    parameter int Cols = 4,
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int AccBits = 32,
    parameter bit Shadow = 1'b1,
    parameter int InputPort = 128,
    parameter int InputWord = 64,
    parameter int WeightPort = 64,
    parameter int WeightWord = 64,
    parameter int OutputPort = 128,
    parameter int OutputWord = 64
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input  logic                            start_i,  // the stage's first cycle, of a tile for the array
    input  logic [mp_pkg::DescWords*32-1:0] desc_i,   // steady while busy
    output logic                            busy_o,   // start included
    output logic                            done_o,   // in the last busy cycle
    output logic [2:0]                       cause_o,  // mp_pkg::cause_e

    // Operand reads, one cycle ahead of the buffers' addresses.
    output logic        slot_o,          // first cycle of a slot that reads
    output logic        fold_first_o,    // the slot's step is a fold's first
    output logic        tile_first_o,    // the fold's pixels begin the tile's
    output logic [31:0] group_o,
    output logic [31:0] pixels_o,        // of the fold
    output logic [31:0] channels_o,
    output logic [31:0] operands_o,      // of a step
    output logic        input_read_o,
    output logic        weight_read_o,
    output logic [31:0] weight_addr_o,   // bit in the tile
    output logic [31:0] weight_beat_o,   // which part of the step

    // The step that is handed to the PEs, two cycles ahead of them.
    output logic        load_o,
    output logic [31:0] load_channels_o,
    output logic [31:0] load_lanes_o,    // lanes that hold operands
    output logic        exec_o,
    output logic        exec_first_o,
    output logic        exec_last_o,
    output logic        exec_clear_o,
    output logic [ 3:0] exec_chunk_o,
    output logic [31:0] exec_pixels_o,
    output logic [31:0] exec_channels_o,

    // The drain, three cycles ahead.
    output logic        transfer_o,      // the accumulators hold a whole fold
    output logic        drain_o,
    output logic [31:0] drain_pixels_o,
    output logic [31:0] drain_channels_o,
    output logic [31:0] drain_base_o,    // first output of the fold in the tile

    // Counts of this cycle.
    output logic [31:0] active_o,
    output logic [31:0] updates_o,
    output logic [31:0] input_words_o,
    output logic [31:0] weight_words_o,
    output logic [31:0] output_words_o,  // written, and read when adds_o
    output logic [31:0] net_bits_o
);
  function automatic [31:0] least(input [31:0] a, input [31:0] b);
    least = a < b ? a : b;
  endfunction

  // The tile.
  logic row_pixel, col_pixel, flat, adds, odd;
  logic [31:0] groups, pixels, oc, ic, kernel, kh, kw, a_stored, w_stored, w_width, chunks;
  logic [31:0] pixel_unit, oc_unit, operands;
  assign row_pixel = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagRowPixel];
  assign col_pixel = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagColPixel];
  assign flat = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagFlat];
  assign adds = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagAdds];
  assign odd = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagOdd];
  assign groups = desc_i[mp_pkg::DescGroups*32+:32];
  assign oc = desc_i[mp_pkg::DescOc*32+:32];
  assign ic = desc_i[mp_pkg::DescIc*32+:32];
  assign kh = desc_i[mp_pkg::DescKh*32+:32];
  assign kw = desc_i[mp_pkg::DescKw*32+:32];
  assign a_stored = desc_i[mp_pkg::DescAStored*32+:32];
  assign w_stored = desc_i[mp_pkg::DescWStored*32+:32];
  assign w_width = desc_i[mp_pkg::DescWWidth*32+:32];
  assign pixels = desc_i[mp_pkg::DescBatch*32+:32] * desc_i[mp_pkg::DescOh*32+:32] * desc_i[mp_pkg::DescOw*32+:32];
  assign kernel = kh * kw * ic;
  assign chunks = (w_width + 32'(SerialBits) - 32'd1) / 32'(SerialBits);
  assign pixel_unit = (row_pixel ? 32'(Rows) : 32'd1) * (col_pixel ? 32'(Cols) : 32'd1);
  assign oc_unit = (row_pixel ? 32'd1 : 32'(Rows)) * (col_pixel ? 32'd1 : 32'(Cols));
  assign operands = least(32'(Lanes), flat ? kernel : ic);

  // Where the walk is; all zero before a tile and behind it.
  logic [31:0] group_q, oc_q, pixel_q, place_q, row_q, col_q, channel_q, fold_weight_q, weight_q, out_q;
  logic [31:0] p, o, step_bits, input_bits, weight_bits, lanes_used;
  logic last_step, last_pixel, last_oc, last_group, first_step;
  assign p = least(pixel_unit, pixels - pixel_q);
  assign o = least(oc_unit, oc - oc_q);
  assign lanes_used = least(32'(Lanes), flat ? kernel - place_q : ic - channel_q);
  assign step_bits = o * lanes_used * w_stored;
  assign input_bits = p * operands * a_stored;
  assign weight_bits = o * operands * w_stored;
  assign first_step = place_q == 0;
  assign last_step = flat ? place_q + 32'(Lanes) >= kernel :
      channel_q + 32'(Lanes) >= ic && col_q + 1 == kw && row_q + 1 == kh;
  assign last_pixel = pixel_q + p == pixels;
  assign last_oc = oc_q + o == oc;
  assign last_group = group_q + 1 == groups;

  // The slot.
  logic run_q, fetch_q, fetch, opening_q, opening, fresh_q, fresh, freeze, slot_end;
  logic [31:0] input_left_q, input_left, weight_left_q, weight_left, beat_q, beat;
  logic input_busy, weight_busy, input_last, weight_last;
  logic [3:0] phantom_q, phantom;
  assign fetch = start_i | fetch_q;
  assign opening = start_i | opening_q;  // nothing computes yet
  assign fresh = start_i | fresh_q;
  assign input_left = fresh ? input_bits : input_left_q;
  assign weight_left = fresh ? weight_bits : weight_left_q;
  assign beat = fresh ? 32'd0 : beat_q;
  assign phantom = start_i ? chunks[3:0] : phantom_q;
  assign input_busy = fetch && input_left != 0;
  assign weight_busy = fetch && weight_left != 0;
  assign input_last = !fetch || input_left <= 32'(InputPort);
  assign weight_last = !fetch || weight_left <= 32'(WeightPort);

  // The step in the PEs.
  logic exec_valid_q, exec_clear_q, exec_end_q, exec_final_q, exec, exec_done;
  logic [3:0] chunk_q, left_q;
  logic [31:0] exec_pixels_q, exec_channels_q, exec_lanes_q, exec_out_q;
  assign exec = exec_valid_q && left_q != 0 && !freeze;
  assign exec_done = !exec_valid_q || left_q <= 4'd1;
  assign slot_end = (fetch || exec_valid_q) && !freeze && input_last && weight_last && exec_done;

  // Folds that are complete.
  logic pending_q, final_q, fire, drain, drain_last;
  logic [31:0] drain_left_q, drain_left, drain_pixels_q, drain_channels_q, drain_out_q, fold_bits;
  assign fold_bits = drain_pixels_q * drain_channels_q * 32'(AccBits);
  assign fire = pending_q && drain_left_q == 0;
  assign drain_left = fire ? (adds ? fold_bits << 1 : fold_bits) : drain_left_q;
  assign drain = drain_left != 0;
  assign drain_last = drain && drain_left <= 32'(OutputPort);
  assign freeze = (pending_q && !fire) || (!Shadow && drain);

  // The fold that drains keeps its shape while the next one waits to take its place.
  logic out_final_q;
  logic [31:0] out_pixels_q, out_channels_q, out_base_q;

  logic [2:0] done_q;  // the datapath's distance
  assign busy_o = start_i | run_q;
  assign done_o = done_q[2];

  always_comb begin
    cause_o = mp_pkg::CauseFillDrain;
    if (!freeze && exec) begin
      cause_o = mp_pkg::CauseCompute;
    end else if (!freeze && fetch && !(opening && phantom != 0)) begin
      cause_o = weight_busy ? mp_pkg::CauseStallWeight : mp_pkg::CauseStallInput;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      run_q        <= 1'b0;
      fetch_q      <= 1'b0;
      opening_q    <= 1'b0;
      fresh_q      <= 1'b0;
      input_left_q <= '0;
      weight_left_q <= '0;
      beat_q       <= '0;
      phantom_q    <= '0;
    end else if (en_i) begin
      run_q <= busy_o && !done_o;
      if (busy_o && !freeze) begin
        fetch_q       <= slot_end ? fetch && !(last_step && last_pixel && last_oc && last_group) : fetch;
        opening_q     <= opening && !slot_end;
        fresh_q       <= slot_end;
        input_left_q  <= input_last ? '0 : input_left - 32'(InputPort);
        weight_left_q <= weight_last ? '0 : weight_left - 32'(WeightPort);
        beat_q        <= beat + 32'd1;
        phantom_q     <= phantom == 0 ? '0 : phantom - 4'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      group_q       <= '0;
      oc_q          <= '0;
      pixel_q       <= '0;
      place_q       <= '0;
      row_q         <= '0;
      col_q         <= '0;
      channel_q     <= '0;
      fold_weight_q <= '0;
      weight_q      <= '0;
      out_q         <= '0;
    end else if (en_i && slot_end && fetch) begin
      if (!last_step) begin
        place_q  <= place_q + lanes_used;
        weight_q <= weight_q + step_bits;
        if (channel_q + 32'(Lanes) >= ic) begin
          channel_q <= '0;
          col_q     <= col_q + 1 == kw ? '0 : col_q + 1;
          row_q     <= col_q + 1 == kw ? row_q + 1 : row_q;
        end else begin
          channel_q <= channel_q + 32'(Lanes);
        end
      end else begin
        place_q   <= '0;
        channel_q <= '0;
        col_q     <= '0;
        row_q     <= '0;
        out_q     <= last_pixel && last_oc && last_group ? '0 : out_q + p * o;
        pixel_q   <= last_pixel ? '0 : pixel_q + p;
        weight_q  <= last_pixel ? weight_q + step_bits : fold_weight_q;
        if (last_pixel) begin
          fold_weight_q <= weight_q + step_bits;
          oc_q          <= last_oc ? '0 : oc_q + o;
          if (last_oc) begin
            group_q <= last_group ? '0 : group_q + 1;
          end
          if (last_oc && last_group) begin
            fold_weight_q <= '0;
            weight_q      <= '0;
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      exec_valid_q    <= 1'b0;
      exec_clear_q    <= 1'b0;
      exec_end_q      <= 1'b0;
      exec_final_q    <= 1'b0;
      chunk_q         <= '0;
      left_q          <= '0;
      exec_pixels_q   <= '0;
      exec_channels_q <= '0;
      exec_lanes_q    <= '0;
      exec_out_q      <= '0;
    end else if (en_i) begin
      if (slot_end) begin
        exec_valid_q    <= fetch;
        exec_clear_q    <= first_step;
        exec_end_q      <= last_step;
        exec_final_q    <= last_step && last_pixel && last_oc && last_group;
        chunk_q         <= '0;
        left_q          <= fetch ? chunks[3:0] : '0;
        exec_pixels_q   <= p;
        exec_channels_q <= o;
        exec_lanes_q    <= lanes_used;
        exec_out_q      <= out_q;
      end else if (exec) begin
        chunk_q <= chunk_q + 4'd1;
        left_q  <= left_q - 4'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pending_q        <= 1'b0;
      final_q          <= 1'b0;
      drain_left_q     <= '0;
      drain_pixels_q   <= '0;
      drain_channels_q <= '0;
      drain_out_q      <= '0;
      done_q           <= '0;
    end else if (en_i) begin
      drain_left_q <= drain_last ? '0 : drain ? drain_left - 32'(OutputPort) : '0;
      done_q       <= {done_q[1:0], drain_last && (fire ? final_q : out_final_q)};
      if (exec && left_q == 4'd1 && exec_end_q) begin
        pending_q        <= 1'b1;
        final_q          <= exec_final_q;
        drain_pixels_q   <= exec_pixels_q;
        drain_channels_q <= exec_channels_q;
        drain_out_q      <= exec_out_q;
      end else if (fire) begin
        pending_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      out_final_q    <= 1'b0;
      out_pixels_q   <= '0;
      out_channels_q <= '0;
      out_base_q     <= '0;
    end else if (en_i && fire) begin
      out_final_q    <= final_q;
      out_pixels_q   <= drain_pixels_q;
      out_channels_q <= drain_channels_q;
      out_base_q     <= drain_out_q;
    end
  end
  assign transfer_o = fire;
  assign drain_o = drain;
  assign drain_pixels_o = fire ? drain_pixels_q : out_pixels_q;
  assign drain_channels_o = fire ? drain_channels_q : out_channels_q;
  assign drain_base_o = fire ? drain_out_q : out_base_q;

  assign slot_o = fetch && fresh && !freeze;
  assign fold_first_o = first_step;
  assign tile_first_o = pixel_q == 0;
  assign group_o = group_q;
  assign pixels_o = p;
  assign channels_o = o;
  assign operands_o = operands;
  assign input_read_o = input_busy && !freeze;
  assign weight_read_o = weight_busy && !freeze;
  assign weight_beat_o = beat;
  assign weight_addr_o = weight_q + beat * 32'(WeightPort);

  logic loaded_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      loaded_q <= 1'b0;
    end else if (en_i) begin
      loaded_q <= slot_end && fetch;
    end
  end
  assign load_o = loaded_q;
  assign load_channels_o = exec_channels_q;
  assign load_lanes_o = exec_lanes_q;
  assign exec_o = exec;
  assign exec_first_o = chunk_q == 0;
  assign exec_last_o = left_q == 4'd1;
  assign exec_clear_o = exec_clear_q;
  assign exec_chunk_o = chunk_q;
  assign exec_pixels_o = exec_pixels_q;
  assign exec_channels_o = exec_channels_q;

  assign active_o = exec ? exec_pixels_q * exec_channels_q : 32'd0;
  assign updates_o = exec && exec_last_o ? (odd ? active_o << 1 : active_o) : 32'd0;
  assign input_words_o = input_read_o ?
      (least(input_left, 32'(InputPort)) + 32'(InputWord) - 32'd1) / 32'(InputWord) : 32'd0;
  assign weight_words_o = weight_read_o ?
      (least(weight_left, 32'(WeightPort)) + 32'(WeightWord) - 32'd1) / 32'(WeightWord) : 32'd0;
  assign output_words_o = fire ? (fold_bits + 32'(OutputWord) - 32'd1) / 32'(OutputWord) : 32'd0;
  assign net_bits_o = (slot_o ? input_bits + weight_bits : 32'd0) + (fire ? drain_left : 32'd0);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && en_i) begin
      assert (!(pending_q && exec && left_q == 4'd1 && exec_end_q && !fire))
      else $error("a fold ends while the one before it waits for the drain");
      assert (!start_i || !run_q)
      else $error("a tile starts while another one computes");
      assert (!busy_o || (o != 0 && p != 0 && chunks[31:4] == 0))
      else $error("an empty fold, or weights of more than 15 chunks");
      assert (!slot_end || !fetch || (lanes_used != 0 && lanes_used <= 32'(Lanes)))
      else $error("a step of %0d lanes", lanes_used);
    end
  end
`endif

endmodule
