// SPDX-License-Identifier: Apache-2.0
// mp_window_ram, by a bit anywhere in it: once written, every window that covers it reads what was written last, also when
// windows before, behind or around it were written since, and what was read stays until the next read.
module window_ram #(
    parameter int Width = 4,
    parameter int Bits = 24
) (
    input logic             clk_i,
    input logic             write_i,
    input logic [     31:0] waddr_i,
    input logic [     15:0] wbits_i,
    input logic [Width-1:0] wdata_i,
    input logic             read_i,
    input logic [     31:0] raddr_i
);
  logic [Width-1:0] rdata;
  mp_window_ram #(
      .Width(Width),
      .Bits(Bits)
  ) dut (
      .clk_i(clk_i),
      .write_i(write_i),
      .waddr_i(waddr_i),
      .wbits_i(wbits_i),
      .wdata_i(wdata_i),
      .read_i(read_i),
      .raddr_i(raddr_i),
      .rdata_o(rdata)
  );

  (* anyconst *)logic [31:0] place;
  logic known_q, value_q, shown_q, expected_q;
  logic [$clog2(Width)-1:0] at_q;
  initial known_q = 1'b0;
  initial shown_q = 1'b0;
  always_ff @(posedge clk_i) begin
    if (write_i && place >= waddr_i && place < waddr_i + 32'(wbits_i)) begin
      known_q <= 1'b1;
      value_q <= 1'(wdata_i >> (place - waddr_i));
    end
    if (read_i) begin
      shown_q    <= known_q && place >= raddr_i && place < raddr_i + Width;
      expected_q <= value_q;
      at_q       <= $clog2(Width)'(place - raddr_i);
    end
  end

  always_comb begin
    assume (place < Bits);
    assume (!write_i || (wbits_i >= 1 && wbits_i <= Width && waddr_i < Bits && waddr_i + 32'(wbits_i) <= Bits));
    assume (!read_i || raddr_i < Bits);
    if (shown_q) begin
      assert (1'(rdata >> at_q) == expected_q);
    end
    cover (shown_q && expected_q && write_i);
  end

endmodule
