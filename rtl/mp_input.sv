// SPDX-License-Identifier: Apache-2.0
// The input buffer and its address generators. The array reads the operands of a step element by element, up to `Port` bits a
// cycle: pixels of the fold by lanes of the step, each at its own address, with padding read as the descriptor's zero point. The vector unit reads an
// element of one or two operands for each of its lanes.
//
// The banks answer any set of addresses: placement that avoids conflicts is not modelled (docs/core.md, "Limits").
module mp_input #(
    parameter int Pixels = 16,  // most pixels of a fold
    parameter int Lanes = 4,
    parameter int Port = 128,
    parameter int Bits = 131072,
    parameter int VecLanes = 4
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input logic        write_i,
    input logic [31:0] waddr_i,  // in bits, a multiple of 64
    input logic [63:0] wdata_i,

    // A step for the array; steady descriptor. What is read here in one cycle is captured in the next.
    input logic [mp_pkg::DescWords*32-1:0] desc_i,
    input logic [31:0]                     base_i,        // first bit of the tile
    input logic                            slot_i,
    input logic                            fold_first_i,
    input logic                            tile_first_i,
    input logic [31:0]                     group_i,
    input logic [31:0]                     pixels_i,
    input logic [31:0]                     operands_i,
    input logic                            read_i,
    output logic [9*Pixels*Lanes-1:0]      act_o,         // signed; lane beside lane, pixel beside pixel

    // A group of elements for the vector unit; there one cycle behind the addresses.
    input  logic                   vec_read_i,
    input  logic [32*VecLanes-1:0] vec_a_addr_i,  // in bits of the buffer
    input  logic [32*VecLanes-1:0] vec_b_addr_i,
    output logic [ 9*VecLanes-1:0] vec_a_o,       // signed
    output logic [ 9*VecLanes-1:0] vec_b_o
);
  localparam int Words = (Bits + 63) / 64;
  localparam int Index = Words > 1 ? $clog2(Words) : 1;
  localparam int LaneIndex = Lanes > 1 ? $clog2(Lanes) : 1;
  // Elements that a cycle can bring when they are one bit wide.
  localparam int Slots = Pixels * Lanes < Port ? Pixels * Lanes : Port;

  logic [63:0] mem_q[1<<Index];

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      mem_q[Index'(waddr_i >> 6)] <= wdata_i;
    end
  end

  logic flat, a_signed, b_signed;
  logic [8:0] pad;
  logic [31:0] batch, oh, ow, ic, ih, iw, kw, row_step, row_tap, row_first, col_step, col_tap, col_first;
  logic [31:0] a_stored, row_size, image;
  logic [3:0] b_stored;
  assign flat = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagFlat];
  assign pad = desc_i[mp_pkg::DescPad*32+:9];
  assign a_signed = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagASigned];
  assign b_signed = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagBSigned];
  assign batch = desc_i[mp_pkg::DescBatch*32+:32];
  assign oh = desc_i[mp_pkg::DescOh*32+:32];
  assign ow = desc_i[mp_pkg::DescOw*32+:32];
  assign ic = desc_i[mp_pkg::DescIc*32+:32];
  assign ih = desc_i[mp_pkg::DescIh*32+:32];
  assign iw = desc_i[mp_pkg::DescIw*32+:32];
  assign kw = desc_i[mp_pkg::DescKw*32+:32];
  assign row_step = desc_i[mp_pkg::DescRowStep*32+:32];
  assign row_tap = desc_i[mp_pkg::DescRowTap*32+:32];
  assign row_first = desc_i[mp_pkg::DescRowFirst*32+:32];
  assign col_step = desc_i[mp_pkg::DescColStep*32+:32];
  assign col_tap = desc_i[mp_pkg::DescColTap*32+:32];
  assign col_first = desc_i[mp_pkg::DescColFirst*32+:32];
  assign a_stored = desc_i[mp_pkg::DescAStored*32+:32];
  assign b_stored = desc_i[mp_pkg::DescBStored*32+:4];
  assign row_size = iw * ic;
  assign image = ih * row_size;

  // Where each pixel of the fold begins: element of its first tap, and that tap's row and column. One pixel follows from
  // the one before; the one behind the last begins the next fold.
  logic [32*Pixels-1:0] at_q, row_q, col_q;
  logic [31:0] next_x_q, next_y_q, next_at_q, next_line_q, next_image_q, next_row_q, next_col_q;
  logic [31:0] x, y, at, line, first, row, col;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {at_q, row_q, col_q} <= '0;
      {next_x_q, next_y_q, next_at_q, next_line_q, next_image_q, next_row_q, next_col_q} <= '0;
    end else if (en_i && slot_i && fold_first_i) begin
      x = next_x_q;
      y = next_y_q;
      at = next_at_q;
      line = next_line_q;
      first = next_image_q;
      row = next_row_q;
      col = next_col_q;
      if (tile_first_i) begin
        x = '0;
        y = '0;
        first = group_i * batch * image;
        line = first + row_first * row_size + col_first * ic;
        at = line;
        row = row_first;
        col = col_first;
      end
      for (int i = 0; i < Pixels; i++) begin
        if (32'(i) < pixels_i) begin
          at_q[32*i+:32]  <= at;
          row_q[32*i+:32] <= row;
          col_q[32*i+:32] <= col;
          x   = x + 1;
          at  = at + col_step * ic;
          col = col + col_step;
          if (x == ow) begin
            x    = '0;
            y    = y + 1;
            line = line + row_step * row_size;
            row  = row + row_step;
            if (y == oh) begin
              y     = '0;
              first = first + image;
              line  = first + row_first * row_size + col_first * ic;
              row   = row_first;
            end
            at  = line;
            col = col_first;
          end
        end
      end
      next_x_q     <= x;
      next_y_q     <= y;
      next_at_q    <= at;
      next_line_q  <= line;
      next_image_q <= first;
      next_row_q   <= row;
      next_col_q   <= col;
    end
  end

  // The same for lanes: tap and channel. Lanes that carry channels alone end with a tap's channels.
  logic [32*Lanes-1:0] lane_at_q, lane_row_q, lane_col_q;
  logic [Lanes-1:0] lanes_q;
  logic [31:0] next_channel_q, next_kx_q, next_tap_q, next_tap_line_q, next_tap_row_q, next_tap_col_q;
  logic [31:0] channel, kx, tap, tap_line, tap_row, tap_col;
  logic full;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {lane_at_q, lane_row_q, lane_col_q} <= '0;
      lanes_q <= '0;
      {next_channel_q, next_kx_q, next_tap_q, next_tap_line_q, next_tap_row_q, next_tap_col_q} <= '0;
    end else if (en_i && slot_i) begin
      channel  = fold_first_i ? '0 : next_channel_q;
      kx       = fold_first_i ? '0 : next_kx_q;
      tap      = fold_first_i ? '0 : next_tap_q;
      tap_line = fold_first_i ? '0 : next_tap_line_q;
      tap_row  = fold_first_i ? '0 : next_tap_row_q;
      tap_col  = fold_first_i ? '0 : next_tap_col_q;
      full     = 1'b0;
      for (int l = 0; l < Lanes; l++) begin
        lanes_q[l] <= !full && tap_row != desc_i[mp_pkg::DescKh*32+:32] * row_tap;
        lane_at_q[32*l+:32]  <= tap + channel;
        lane_row_q[32*l+:32] <= tap_row;
        lane_col_q[32*l+:32] <= tap_col;
        if (!full) begin
          channel = channel + 1;
          if (channel == ic) begin
            channel = '0;
            full    = !flat;
            kx      = kx + 1;
            tap     = tap + col_tap * ic;
            tap_col = tap_col + col_tap;
            if (kx == kw) begin
              kx       = '0;
              tap_line = tap_line + row_tap * row_size;
              tap_row  = tap_row + row_tap;
              tap      = tap_line;
              tap_col  = '0;
            end
          end
        end
      end
      next_channel_q  <= channel;
      next_kx_q       <= kx;
      next_tap_q      <= tap;
      next_tap_line_q <= tap_line;
      next_tap_row_q  <= tap_row;
      next_tap_col_q  <= tap_col;
    end
  end

  // The step's operands in order of pixel and lane: those whose last bit has come over the port by now.
  function automatic [8:0] element(input [127:0] words, input [5:0] shift, input [3:0] bits, input sign);
    logic [7:0] raw, mask;
    raw = 8'(words >> shift);
    mask = 8'hff >> (4'd8 - bits);
    element = {1'b0, raw & mask};
    if (sign && |(raw & mask & ~(mask >> 1))) begin
      element = {1'b1, raw | ~mask};
    end
  endfunction

  logic read_q, restart_q;
  logic [31:0] pixels_q, operands_q, pixel_q, lane_q, bits_q, budget_q;
  logic [31:0] pixel, lane, bits, budget, from, r, c;
  logic [9*Pixels*Lanes-1:0] act_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      read_q     <= 1'b0;
      restart_q  <= 1'b0;
      pixels_q   <= '0;
      operands_q <= '0;
      pixel_q    <= '0;
      lane_q     <= '0;
      bits_q     <= '0;
      budget_q   <= '0;
      act_q      <= '0;
    end else if (en_i) begin
      read_q    <= read_i;
      restart_q <= slot_i;
      if (slot_i) begin
        pixels_q   <= pixels_i;
        operands_q <= operands_i;
      end
      if (read_q) begin
        pixel  = restart_q ? '0 : pixel_q;
        lane   = restart_q ? '0 : lane_q;
        bits   = restart_q ? '0 : bits_q;
        budget = (restart_q ? '0 : budget_q) + 32'(Port);
        for (int s = 0; s < Slots; s++) begin
          if (pixel < pixels_q && bits + a_stored <= budget) begin
            from = base_i + (at_q[32*pixel+:32] + lane_at_q[32*lane+:32]) * a_stored;
            r = row_q[32*pixel+:32] + lane_row_q[32*lane+:32];
            c = col_q[32*pixel+:32] + lane_col_q[32*lane+:32];
            if (lanes_q[LaneIndex'(lane)] && r < ih && c < iw) begin
              act_q[9*(pixel*Lanes+lane)+:9] <= element(
                  {mem_q[Index'((from>>6)+1)], mem_q[Index'(from>>6)]}, from[5:0], a_stored[3:0], a_signed);
            end else begin
              act_q[9*(pixel*Lanes+lane)+:9] <= lanes_q[LaneIndex'(lane)] ? pad : '0;
            end
            bits = bits + a_stored;
            lane = lane + 1;
            if (lane == operands_q) begin
              lane  = '0;
              pixel = pixel + 1;
            end
          end
        end
        pixel_q  <= pixel;
        lane_q   <= lane;
        bits_q   <= bits;
        budget_q <= budget;
      end
    end
  end
  assign act_o = act_q;

  logic [31:0] va, vb;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      vec_a_o <= '0;
      vec_b_o <= '0;
    end else if (en_i && vec_read_i) begin
      for (int v = 0; v < VecLanes; v++) begin
        va = vec_a_addr_i[32*v+:32];
        vb = vec_b_addr_i[32*v+:32];
        vec_a_o[9*v+:9] <= element({mem_q[Index'((va>>6)+1)], mem_q[Index'(va>>6)]}, va[5:0], a_stored[3:0], a_signed);
        vec_b_o[9*v+:9] <= element({mem_q[Index'((vb>>6)+1)], mem_q[Index'(vb>>6)]}, vb[5:0], b_stored, b_signed);
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (write_i) begin
      assert (waddr_i[5:0] == 0 && (waddr_i >> 6) < 32'(Words))
      else $error("a write at bit %0d of an input buffer of %0d", waddr_i, Bits);
    end
    if (rst_ni && en_i && read_q) begin
      assert (a_stored >= 1 && a_stored <= 8)
      else $error("operands of %0d bits", a_stored);
    end
  end
`endif

endmodule
