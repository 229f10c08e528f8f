// SPDX-License-Identifier: Apache-2.0
// Moves a complete fold from the accumulators (or their shadows) to the output buffer: pixel by pixel, channel by channel, as
// many sums a cycle as the port takes. A fold that adds to partial sums reads them first; both directions share the port.
module mp_drain #(
    parameter int Rows = 4,
    parameter int Cols = 4,
    parameter int AccBits = 32,
    parameter bit Saturate = 1'b1,
    parameter int Port = 128,
    parameter int Sums = 4,  // most of a cycle
    parameter int Width = 128  // of the buffer's window
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input logic [mp_pkg::DescWords*32-1:0] desc_i,
    input logic [AccBits*Rows*Cols-1:0]    sums_i,

    // Three cycles ahead of the sums.
    input logic        transfer_i,
    input logic        drain_i,
    input logic [31:0] pixels_i,
    input logic [31:0] channels_i,
    input logic [31:0] base_i,

    output logic             read_o,
    output logic [     31:0] raddr_o,
    input  logic [Width-1:0] rdata_i,
    output logic             write_o,
    output logic [     31:0] waddr_o,
    output logic [     15:0] wbits_o,
    output logic [Width-1:0] wdata_o,
    output logic [     31:0] overflows_o
);
  logic row_pixel, col_pixel, adds;
  logic [31:0] pixel_stride, channel_stride, cost;
  assign row_pixel = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagRowPixel];
  assign col_pixel = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagColPixel];
  assign adds = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagAdds];
  // PE of pixel p and channel o: p * pixel_stride + o * channel_stride.
  assign pixel_stride = row_pixel && !col_pixel ? 32'(Cols) : 32'd1;
  assign channel_stride = col_pixel && !row_pixel ? 32'(Cols) : 32'd1;
  assign cost = adds ? 32'(2 * AccBits) : 32'(AccBits);

  logic transfer_q, transfer_qq, drain_q, drain_qq;
  logic [31:0] pixels_q, pixels_qq, channels_q, channels_qq, base_q, base_qq;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {transfer_q, transfer_qq, drain_q, drain_qq} <= '0;
      {pixels_q, pixels_qq, channels_q, channels_qq, base_q, base_qq} <= '0;
    end else if (en_i) begin
      {transfer_qq, transfer_q} <= {transfer_q, transfer_i};
      {drain_qq, drain_q}       <= {drain_q, drain_i};
      {pixels_qq, pixels_q}     <= {pixels_q, pixels_i};
      {channels_qq, channels_q} <= {channels_q, channels_i};
      {base_qq, base_q}         <= {base_q, base_i};
    end
  end

  // Two cycles behind the control: which sums go this time.
  logic [31:0] pixel_q, channel_q, done_q, moved_q, budget_q;
  logic [31:0] pixel, channel, done, moved, budget, count;
  logic [31:0] from_pixel, from_channel, from_done;
  always_comb begin
    pixel        = transfer_qq ? '0 : pixel_q;
    channel      = transfer_qq ? '0 : channel_q;
    done         = transfer_qq ? '0 : done_q;
    moved        = transfer_qq ? '0 : moved_q;
    budget       = (transfer_qq ? '0 : budget_q) + 32'(Port);
    from_pixel   = pixel;
    from_channel = channel;
    from_done    = done;
    count        = '0;
    for (int s = 0; s < Sums; s++) begin
      if (drain_qq && pixel < pixels_qq && moved + cost <= budget) begin
        moved   = moved + cost;
        done    = done + 1;
        count   = count + 1;
        channel = channel + 1;
        if (channel == channels_qq) begin
          channel = '0;
          pixel   = pixel + 1;
        end
      end
    end
  end
  assign read_o  = adds && count != 0;
  assign raddr_o = (base_qq + from_done) * 32'(AccBits);

  // Three cycles behind: add and write.
  logic [31:0] now_pixel_q, now_channel_q, now_count_q, now_channels_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {pixel_q, channel_q, done_q, moved_q, budget_q} <= '0;
      {now_pixel_q, now_channel_q, now_count_q, now_channels_q} <= '0;
      waddr_o <= '0;
    end else if (en_i) begin
      pixel_q        <= pixel;
      channel_q      <= channel;
      done_q         <= done;
      moved_q        <= moved;
      budget_q       <= budget;
      now_pixel_q    <= from_pixel;
      now_channel_q  <= from_channel;
      now_count_q    <= count;
      now_channels_q <= channels_qq;
      waddr_o        <= raddr_o;
    end
  end

  logic [31:0] p, o;
  logic [AccBits-1:0] sum, old;
  logic signed [AccBits:0] wide;
  always_comb begin
    wdata_o     = '0;
    overflows_o = '0;
    p           = now_pixel_q;
    o           = now_channel_q;
    {sum, old, wide} = '0;
    for (int s = 0; s < Sums; s++) begin
      if (32'(s) < now_count_q) begin
        sum  = sums_i[(p*pixel_stride+o*channel_stride)*AccBits+:AccBits];
        old  = adds ? rdata_i[s*AccBits+:AccBits] : '0;
        wide = (AccBits + 1)'($signed(sum)) + (AccBits + 1)'($signed(old));
        sum  = wide[AccBits-1:0];
        if (wide[AccBits] != wide[AccBits-1]) begin
          overflows_o = overflows_o + 1;
          if (Saturate) begin
            sum = {wide[AccBits], {(AccBits - 1) {~wide[AccBits]}}};
          end
        end
        wdata_o[s*AccBits+:AccBits] = sum;
        o = o + 1;
        if (o == now_channels_q) begin
          o = '0;
          p = p + 1;
        end
      end
    end
  end
  assign write_o = now_count_q != 0;
  assign wbits_o = 16'(now_count_q) * 16'(AccBits);

endmodule
