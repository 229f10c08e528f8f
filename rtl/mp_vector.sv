// SPDX-License-Identifier: Apache-2.0
// The vector unit. It requantises the sums of a tile on their way to memory, `Lanes` outputs a cycle, and runs the layers that are
// not products: pooling, addition, clamping, `Lanes` outputs at a time, kernel tap by kernel tap. Results that go to memory are
// packed into beats of 64 bits; those of its own layers go to the output buffer.
module mp_vector #(
    parameter int Rows = 4,  // of the array: a fold's channels
    parameter int Cols = 4,
    parameter int Lanes = 4,
    parameter int AccBits = 32,
    parameter int Width = 128  // of the output buffer's window
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input  logic                            requant_i,    // first cycle; desc_i steady while busy
    input  logic                            operate_i,
    input  logic [mp_pkg::DescWords*32-1:0] desc_i,
    output logic                            busy_o,       // start included
    output logic                            done_o,       // in the last busy cycle

    // Parameters of a channel as they come from memory: bias, multiplier, shift.
    input logic        param_write_i,
    input logic [13:0] param_index_i,
    input logic [71:0] param_i,

    output logic                read_o,   // sums
    output logic [        31:0] raddr_o,
    input  logic [   Width-1:0] rdata_i,
    output logic                vec_read_o,  // elements
    output logic [32*Lanes-1:0] vec_a_addr_o,  // in bits of the tile
    output logic [32*Lanes-1:0] vec_b_addr_o,
    input  logic [ 9*Lanes-1:0] vec_a_i,
    input  logic [ 9*Lanes-1:0] vec_b_i,
    output logic                write_o,  // results
    output logic [        31:0] waddr_o,
    output logic [        15:0] wbits_o,
    output logic [   Width-1:0] wdata_o,

    output logic        beat_valid_o,
    input  logic        beat_ready_i,
    output logic [63:0] beat_o,

    // Counts of this cycle.
    output logic        restart_o,      // of a tile
    output logic [31:0] sum_bits_o,     // read from the output buffer
    output logic [31:0] element_bits_o, // read from the input buffer
    output logic [31:0] result_bits_o,  // written to the output buffer
    output logic [31:0] requants_o,
    output logic [31:0] alu_o
);
  localparam int PackBits = 96 * Lanes + 64;

  function automatic signed [31:0] limit(input signed [71:0] x, input signed [31:0] low, input signed [31:0] high);
    limit = x < 72'(low) ? low : x > 72'(high) ? high : x[31:0];
  endfunction
  // (x m + 2^(s-1)) >> s, exact.
  function automatic signed [71:0] requant(input signed [39:0] x, input [31:0] mul, input [5:0] shift);
    logic signed [71:0] product;
    product = 72'(x) * $signed({40'b0, mul});
    requant = (product + (72'sd1 <<< (shift - 6'd1))) >>> shift;
  endfunction

  logic is_array;
  logic [1:0] op;
  logic [31:0] groups, pixels, oc, oh, ow, ih, iw, kh, kw, row_step, row_tap, row_first, col_step, col_tap, col_first;
  logic [31:0] a_stored, b_stored, out_stored, outputs, image;
  logic signed [31:0] low, high;
  assign is_array = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagArray];
  assign op = desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagOp+:2];
  assign groups = desc_i[mp_pkg::DescGroups*32+:32];
  assign oc = desc_i[mp_pkg::DescOc*32+:32];
  assign oh = desc_i[mp_pkg::DescOh*32+:32];
  assign ow = desc_i[mp_pkg::DescOw*32+:32];
  assign pixels = desc_i[mp_pkg::DescBatch*32+:32] * oh * ow;
  assign outputs = groups * pixels * oc;
  assign ih = desc_i[mp_pkg::DescIh*32+:32];
  assign iw = desc_i[mp_pkg::DescIw*32+:32];
  assign kh = desc_i[mp_pkg::DescKh*32+:32];
  assign kw = desc_i[mp_pkg::DescKw*32+:32];
  assign row_step = desc_i[mp_pkg::DescRowStep*32+:32];
  assign row_tap = desc_i[mp_pkg::DescRowTap*32+:32];
  assign row_first = desc_i[mp_pkg::DescRowFirst*32+:32];
  assign col_step = desc_i[mp_pkg::DescColStep*32+:32];
  assign col_tap = desc_i[mp_pkg::DescColTap*32+:32];
  assign col_first = desc_i[mp_pkg::DescColFirst*32+:32];
  assign a_stored = desc_i[mp_pkg::DescAStored*32+:32];
  assign b_stored = desc_i[mp_pkg::DescBStored*32+:32];
  assign out_stored = desc_i[mp_pkg::DescOutStored*32+:32];
  assign low = desc_i[mp_pkg::DescOutLow*32+:32];
  assign high = desc_i[mp_pkg::DescOutHigh*32+:32];
  assign image = ih * iw;

  // The walk over groups of Lanes outputs; all zero at rest.
  logic run_q, issue, last_issue, last_tap, room;
  logic last_q, done_q;
  logic [31:0] at_q, left, count;
  assign busy_o = requant_i | operate_i | run_q;
  assign left = outputs - at_q;
  assign count = left < 32'(Lanes) ? left : 32'(Lanes);
  assign issue = busy_o && left != 0 && room;
  assign last_issue = issue && left <= 32'(Lanes) && last_tap;
  assign done_o = done_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      run_q  <= 1'b0;
      last_q <= 1'b0;
      done_q <= 1'b0;
      at_q   <= '0;
    end else if (en_i) begin
      run_q  <= busy_o && !done_o;
      last_q <= last_issue;
      done_q <= last_q;
      if (done_o) begin
        at_q <= '0;
      end else if (issue && last_tap) begin
        at_q <= at_q + count;
      end
    end
  end

  // Requantisation: the sums and the parameters of their channels, then the arithmetic one cycle behind.
  logic [71:0] param_q[1<<14];
  always_ff @(posedge clk_i) begin
    if (param_write_i) begin
      param_q[param_index_i] <= param_i;
    end
  end

  assign read_o  = issue && is_array;
  assign raddr_o = at_q * 32'(AccBits);

  logic [31:0] oc_unit;
  logic [31:0] group_q, oc_q, pixel_q, channel_q, fold;
  logic [31:0] group, oc0, pixel, channel;
  logic [13:0] index;
  logic [72*Lanes-1:0] params_q;
  assign oc_unit = (desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagRowPixel] ? 32'd1 : 32'(Rows)) *
      (desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagColPixel] ? 32'd1 : 32'(Cols));

  logic push_q;
  logic [31:0] count_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {group_q, oc_q, pixel_q, channel_q} <= '0;
      params_q <= '0;
      push_q   <= 1'b0;
      count_q  <= '0;
    end else if (en_i) begin
      push_q  <= issue && is_array;
      count_q <= count;
      if (done_o) begin
        {group_q, oc_q, pixel_q, channel_q} <= '0;
      end else if (issue && is_array) begin
        group   = group_q;
        oc0     = oc_q;
        pixel   = pixel_q;
        channel = channel_q;
        fold    = oc - oc0 < oc_unit ? oc - oc0 : oc_unit;
        for (int v = 0; v < Lanes; v++) begin
          index = 14'(desc_i[mp_pkg::DescChannel*32+:32] + group * desc_i[mp_pkg::DescStride*32+:32] + oc0 + channel);
          params_q[72*v+:72] <= param_q[index];
          channel = channel + 1;
          if (channel == fold) begin
            channel = '0;
            pixel   = pixel + 1;
            if (pixel == pixels) begin
              pixel = '0;
              oc0   = oc0 + fold;
              if (oc0 == oc) begin
                oc0   = '0;
                group = group + 1;
              end
              fold = oc - oc0 < oc_unit ? oc - oc0 : oc_unit;
            end
          end
        end
        group_q   <= group;
        oc_q      <= oc0;
        pixel_q   <= pixel;
        channel_q <= channel;
      end
    end
  end

  logic signed [31:0] value;
  logic [31:0] masked;
  logic [31:0] value_mask;
  logic [32*Lanes-1:0] requantised;
  logic [AccBits-1:0] sum;
  logic signed [39:0] biased;
  assign value_mask = 32'hffff_ffff >> (6'd32 - out_stored[5:0]);
  always_comb begin
    requantised = '0;
    {sum, biased, value, masked} = '0;
    for (int v = 0; v < Lanes; v++) begin
      if (push_q && 32'(v) < count_q) begin
        sum         = rdata_i[AccBits*v+:AccBits];
        biased      = 40'($signed(sum)) + 40'($signed(params_q[72*v+:32]));
        value       = limit(requant(biased, params_q[72*v+32+:32], params_q[72*v+64+:6]), low, high);
        masked      = value & value_mask;
        requantised = requantised | (32 * Lanes)'(masked) << 32'(v) * out_stored;
      end
    end
  end

  // Beats for memory. A push and a beat may come together.
  logic [PackBits-1:0] pack_q, pack;
  logic [31:0] held_q, held;
  logic flush_q, beat;
  assign room = held_q <= 32'(32 * Lanes + 64);
  assign beat_valid_o = held_q >= 64 || (flush_q && held_q != 0);
  assign beat_o = pack_q[63:0];
  assign beat = beat_valid_o && beat_ready_i;
  always_comb begin
    pack = beat ? pack_q >> 64 : pack_q;
    held = beat ? (held_q >= 64 ? held_q - 64 : '0) : held_q;
    if (en_i && push_q) begin
      pack = pack | PackBits'(requantised) << held;
      held = held + count_q * out_stored;
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pack_q  <= '0;
      held_q  <= '0;
      flush_q <= 1'b0;
    end else begin
      pack_q <= pack;
      held_q <= held;
      if (en_i && last_q && is_array) begin
        flush_q <= 1'b1;
      end else if (flush_q && held == 0) begin
        flush_q <= 1'b0;
      end
    end
  end

  // Layers of its own. Taps run fastest; each group of outputs keeps where its windows begin.
  logic [31:0] kx_q, ky_q, tap_line_q, tap_q;
  logic first_tap;
  assign first_tap = kx_q == 0 && ky_q == 0;
  assign last_tap = is_array || (kx_q + 1 == kw && ky_q + 1 == kh);

  logic [31:0] x_q, y_q, plane_q, x, y, plane, row, col, at;
  logic [32*Lanes-1:0] lane_at_q, lane_row_q, lane_col_q;
  logic [31:0] tap_row_q, tap_col_q, tap_at_q;
  logic vec_q, vec_first_q, vec_last_q, vec_qq, vec_first_qq, vec_last_qq;
  logic [31:0] vec_count_q, vec_count_qq, vec_at_q, vec_at_qq;
  logic [Lanes-1:0] valid, valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {kx_q, ky_q, tap_line_q, tap_q, x_q, y_q, plane_q} <= '0;
      {lane_at_q, lane_row_q, lane_col_q, tap_row_q, tap_col_q, tap_at_q} <= '0;
      {vec_q, vec_first_q, vec_last_q, vec_qq, vec_first_qq, vec_last_qq} <= '0;
      {vec_count_q, vec_count_qq, vec_at_q, vec_at_qq, valid_q} <= '0;
    end else if (en_i) begin
      vec_q        <= issue && !is_array;
      vec_first_q  <= first_tap;
      vec_last_q   <= last_tap;
      vec_count_q  <= count;
      vec_at_q     <= at_q;
      vec_qq       <= vec_q;
      vec_first_qq <= vec_first_q;
      vec_last_qq  <= vec_last_q;
      vec_count_qq <= vec_count_q;
      vec_at_qq    <= vec_at_q;
      valid_q     <= valid;
      tap_at_q     <= tap_q;
      tap_row_q    <= ky_q * row_tap;
      tap_col_q    <= kx_q * col_tap;
      if (done_o) begin
        {kx_q, ky_q, tap_line_q, tap_q, x_q, y_q, plane_q} <= '0;
      end else if (issue && !is_array) begin
        if (last_tap) begin
          {kx_q, ky_q, tap_line_q, tap_q} <= '0;
        end else if (kx_q + 1 == kw) begin
          kx_q       <= '0;
          ky_q       <= ky_q + 1;
          tap_line_q <= tap_line_q + row_tap * iw;
          tap_q      <= tap_line_q + row_tap * iw;
        end else begin
          kx_q  <= kx_q + 1;
          tap_q <= tap_q + col_tap;
        end
        if (first_tap) begin
          x     = x_q;
          y     = y_q;
          plane = plane_q;
          for (int v = 0; v < Lanes; v++) begin
            row = row_first + y * row_step;
            col = col_first + x * col_step;
            at  = plane * image + row * iw + col;
            lane_at_q[32*v+:32]  <= at;
            lane_row_q[32*v+:32] <= row;
            lane_col_q[32*v+:32] <= col;
            x = x + 1;
            if (x == ow) begin
              x = '0;
              y = y + 1;
              if (y == oh) begin
                y     = '0;
                plane = plane + 1;
              end
            end
          end
          x_q     <= x;
          y_q     <= y;
          plane_q <= plane;
        end
      end
    end
  end

  assign vec_read_o = vec_q;
  logic [31:0] vec_row, vec_col, element;
  always_comb begin
    {element, vec_row, vec_col} = '0;
    {valid, vec_a_addr_o, vec_b_addr_o} = '0;
    for (int v = 0; v < Lanes; v++) begin
      if (vec_q) begin
        element = lane_at_q[32*v+:32] + tap_at_q;
        vec_row = lane_row_q[32*v+:32] + tap_row_q;
        vec_col = lane_col_q[32*v+:32] + tap_col_q;
        valid[v] = vec_row < ih && vec_col < iw;
        vec_a_addr_o[32*v+:32] = element * a_stored;
        vec_b_addr_o[32*v+:32] = desc_i[mp_pkg::DescBOffset*32+:32] + element * b_stored;
      end
    end
  end

  // The elements are there: accumulate, and at the last tap write.
  logic [32*Lanes-1:0] total_q, total, results;
  logic signed [31:0] a, b, so_far, folded, result;
  logic [31:0] stored;
  logic signed [71:0] scaled_a, scaled_b;
  always_comb begin
    results = '0;
    total   = total_q;
    {a, b, so_far, folded, result, stored, scaled_a, scaled_b} = '0;
    for (int v = 0; v < Lanes; v++) begin
      if (vec_qq) begin
        a      = 32'($signed(vec_a_i[9*v+:9]));
        b      = 32'($signed(vec_b_i[9*v+:9]));
        so_far = vec_first_qq ? (op == mp_pkg::VopMax ? 32'sh8000_0000 : 32'sd0) : total_q[32*v+:32];
        folded = so_far;
        if (valid_q[v]) begin
          folded = op == mp_pkg::VopMax ? (a > so_far ? a : so_far) : so_far + a;
        end
        total[32*v+:32] = folded;
      end
      if (vec_qq && vec_last_qq && 32'(v) < vec_count_qq) begin
        scaled_a = requant(40'(folded), desc_i[mp_pkg::DescMulA*32+:32], desc_i[mp_pkg::DescShiftA*32+:6]);
        scaled_b = requant(40'(b), desc_i[mp_pkg::DescMulB*32+:32], desc_i[mp_pkg::DescShiftB*32+:6]);
        unique case (op)
          mp_pkg::VopAvg: result = limit(scaled_a, low, high);
          mp_pkg::VopAdd: result = limit(scaled_a + scaled_b, low, high);
          default:        result = limit(72'(folded), low, high);
        endcase
        stored  = result & value_mask;
        results = results | (32 * Lanes)'(stored) << 32'(v) * out_stored;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      total_q <= '0;
    end else if (en_i && vec_qq) begin
      total_q <= total;
    end
  end
  assign write_o = vec_qq && vec_last_qq;
  assign waddr_o = vec_at_qq * out_stored;
  assign wbits_o = 16'(vec_count_qq * out_stored);
  assign wdata_o = Width'(results);

  assign restart_o = requant_i | operate_i;
  assign sum_bits_o = issue && is_array ? count * 32'(AccBits) : '0;
  assign element_bits_o = issue && !is_array ? count * (a_stored + b_stored) : '0;
  assign result_bits_o = write_o ? vec_count_qq * out_stored : '0;
  always_comb begin
    requants_o = '0;
    alu_o      = '0;
    if (issue && is_array) begin
      requants_o = count;
    end else if (issue) begin
      alu_o = count;
      if (last_tap && op == mp_pkg::VopAvg) begin
        requants_o = count;
      end else if (op == mp_pkg::VopAdd) begin
        requants_o = count << 1;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && en_i) begin
      assert (!((requant_i | operate_i) && run_q))
      else $error("a tile starts while another one is on the vector unit");
      assert (held <= 32'(PackBits))
      else $error("more packed bits than there is room for");
    end
  end
`endif

endmodule
