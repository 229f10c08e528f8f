// SPDX-License-Identifier: Apache-2.0
// Rows x Cols PEs and their operand registers. The weights of a step come over the weight port as a bit stream: plane by plane
// (most significant first), channel by channel, lane by lane. They are collected, then spread out to a register for each
// channel. A PE takes the weights of its channel and the activations of its pixel.
module mp_array #(
    parameter int Rows = 4,
    parameter int Cols = 4,
    parameter int Lanes = 4,
    parameter int SerialBits = 1,
    parameter int AccBits = 32,
    parameter bit Saturate = 1'b1,
    parameter bit Shadow = 1'b1,
    parameter int Port = 64,  // of the weight buffer
    parameter bit RowPixel = 1'b1,
    parameter bit RowOc = 1'b1,
    parameter bit ColPixel = 1'b1,
    parameter bit ColOc = 1'b1,
    parameter int Pixels = 16,
    parameter int Channels = 16
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input logic [mp_pkg::DescWords*32-1:0] desc_i,

    // Weights as they come from the buffer, one cycle behind the read.
    input logic            weight_read_i,
    input logic [    31:0] weight_beat_i,
    input logic [Port-1:0] weight_i,

    input logic [9*Pixels*Lanes-1:0] act_i,

    input logic        load_i,
    input logic [31:0] load_channels_i,
    input logic [31:0] load_lanes_i,
    input logic        exec_i,
    input logic        exec_first_i,
    input logic        exec_last_i,
    input logic        exec_clear_i,
    input logic [ 3:0] exec_chunk_i,
    input logic [31:0] exec_pixels_i,
    input logic [31:0] exec_channels_i,
    input logic        transfer_i,

    output logic [AccBits*Rows*Cols-1:0] sums_o,
    output logic [               31:0] overflows_o
);
  localparam int Planes = 8;
  localparam int Stream = (Planes * Channels * Lanes + Port - 1) / Port * Port;

  logic row_pixel, col_pixel, odd;
  logic [31:0] w_width, w_stored, planes, pad, skip;
  assign row_pixel = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagRowPixel];
  assign col_pixel = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagColPixel];
  assign odd = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagOdd];
  assign w_width = desc_i[mp_pkg::DescWWidth*32+:32];
  assign w_stored = desc_i[mp_pkg::DescWStored*32+:32];
  // Whole chunks: the sign is repeated above a width that SerialBits does not divide; a container's own copies are skipped.
  assign planes = (w_width + 32'(SerialBits) - 32'd1) / 32'(SerialBits) * 32'(SerialBits);
  assign pad = planes - w_width;
  assign skip = w_stored - w_width;

  // Collect.
  logic [Stream-1:0] stream_q;
  logic read_q;
  logic [31:0] beat_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      stream_q <= '0;
      read_q   <= 1'b0;
      beat_q   <= '0;
    end else if (en_i) begin
      read_q <= weight_read_i;
      beat_q <= weight_beat_i;
      if (read_q) begin
        stream_q[beat_q*Port+:Port] <= weight_i;
      end
    end
  end

  // A step is handed over: one cycle behind, all of it is there.
  logic load_q;
  logic [31:0] load_channels_q, load_lanes_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      load_q          <= 1'b0;
      load_channels_q <= '0;
      load_lanes_q    <= '0;
    end else if (en_i) begin
      load_q          <= load_i;
      load_channels_q <= load_channels_i;
      load_lanes_q    <= load_lanes_i;
    end
  end

  // Two cycles behind the control; the shadow takes a fold three cycles behind.
  logic exec_q, exec_qq, first_q, first_qq, last_q, last_qq, clear_q, clear_qq, transfer_q, transfer_qq;
  logic [3:0] chunk_q, chunk_qq;
  logic [31:0] pixels_q, pixels_qq, channels_q, channels_qq;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {exec_q, exec_qq, first_q, first_qq, last_q, last_qq, clear_q, clear_qq} <= '0;
      {transfer_q, transfer_qq, chunk_q, chunk_qq} <= '0;
      {pixels_q, pixels_qq, channels_q, channels_qq} <= '0;
    end else if (en_i) begin
      {exec_qq, exec_q}         <= {exec_q, exec_i};
      {first_qq, first_q}       <= {first_q, exec_first_i};
      {last_qq, last_q}         <= {last_q, exec_last_i};
      {clear_qq, clear_q}       <= {clear_q, exec_clear_i};
      {chunk_qq, chunk_q}       <= {chunk_q, exec_chunk_i};
      {pixels_qq, pixels_q}     <= {pixels_q, exec_pixels_i};
      {channels_qq, channels_q} <= {channels_q, exec_channels_i};
      {transfer_qq, transfer_q} <= {transfer_q, transfer_i};
    end
  end

  // The activations of each pixel, with unused lanes at zero.
  for (genvar p = 0; p < Pixels; p++) begin : gen_pixel
    logic [9*Lanes-1:0] act_q;
    always_ff @(posedge clk_i) begin
      if (en_i && load_q) begin
        for (int l = 0; l < Lanes; l++) begin
          act_q[9*l+:9] <= 32'(l) < load_lanes_q ? act_i[9*(p*Lanes+l)+:9] : '0;
        end
      end
    end
  end

  // The weights of each channel, spread out of the stream: plane beside plane. And this cycle's chunk of them: a lane's bits
  // side by side, most significant first.
  for (genvar o = 0; o < Channels; o++) begin : gen_channel
    logic [Planes*Lanes-1:0] weight_q;
    logic [SerialBits*Lanes-1:0] chunk;
    always_ff @(posedge clk_i) begin
      if (en_i && load_q && 32'(o) < load_channels_q) begin
        for (int b = 0; b < Planes; b++) begin
          if (32'(b) < planes) begin
            weight_q[b*Lanes+:Lanes] <=
                stream_q[(((32'(b)<pad?32'd0 : 32'(b)-pad)+skip)*load_channels_q+32'(o))*load_lanes_q+:Lanes];
          end
        end
      end
    end
    if (SerialBits == 1) begin : gen_one_bit
      assign chunk = exec_qq ? weight_q[32'(chunk_qq)*Lanes+:Lanes] : '0;
    end else begin : gen_bits
      always_comb begin
        chunk = '0;
        if (exec_qq) begin
          for (int s = 0; s < SerialBits; s++) begin
            for (int l = 0; l < Lanes; l++) begin
              chunk[l*SerialBits+SerialBits-1-s] = weight_q[(32'(chunk_qq)*SerialBits+s)*Lanes+l];
            end
          end
        end
      end
    end
  end

  logic [Rows*Cols-1:0] overflow;
  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      // The pixel and the channel of this PE by what rows and columns carry.
      localparam int PixelBoth = RowPixel && ColPixel ? r * Cols + c : 0;
      localparam int PixelRow = RowPixel ? r : 0;
      localparam int PixelCol = ColPixel ? c : 0;
      localparam int OcBoth = RowOc && ColOc ? r * Cols + c : 0;
      localparam int OcRow = RowOc ? r : 0;
      localparam int OcCol = ColOc ? c : 0;
      logic [9*Lanes-1:0] act;
      logic [SerialBits*Lanes-1:0] weight;
      logic active;
      always_comb begin
        act    = '0;
        weight = '0;
        active = 1'b0;
        if (exec_qq && row_pixel && col_pixel) begin
          act    = gen_pixel[PixelBoth].act_q;
          weight = gen_channel[0].chunk;
          active = 32'(r * Cols + c) < pixels_qq;
        end else if (exec_qq && row_pixel) begin
          act    = gen_pixel[PixelRow].act_q;
          weight = gen_channel[OcCol].chunk;
          active = 32'(r) < pixels_qq && 32'(c) < channels_qq;
        end else if (exec_qq && col_pixel) begin
          act    = gen_pixel[PixelCol].act_q;
          weight = gen_channel[OcRow].chunk;
          active = 32'(c) < pixels_qq && 32'(r) < channels_qq;
        end else if (exec_qq) begin
          act    = gen_pixel[0].act_q;
          weight = gen_channel[OcBoth].chunk;
          active = 32'(r * Cols + c) < channels_qq;
        end
      end
      mp_pe #(
          .Lanes(Lanes),
          .SerialBits(SerialBits),
          .AccBits(AccBits),
          .Saturate(Saturate),
          .Shadow(Shadow)
      ) u_pe (
          .clk_i,
          .rst_ni,
          .en_i,
          .valid_i(active),
          .first_i(first_qq),
          .last_i(last_qq),
          .clear_i(clear_qq),
          .odd_i(odd),
          .act_i(act),
          .weight_i(weight),
          .capture_i(transfer_qq),
          .sum_o(sums_o[AccBits*(r*Cols+c)+:AccBits]),
          .overflow_o(overflow[r*Cols+c])
      );
    end
  end

  assign overflows_o = 32'($countones(overflow));

endmodule
