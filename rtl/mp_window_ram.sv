// SPDX-License-Identifier: Apache-2.0
// A buffer that is read and written at any bit address, `Width` bits at a time: a pair of synchronous SRAMs, one of even
// and one of odd lines, so that a window over two lines is one access of each. One read and one write port; what is
// read is there one cycle behind its address and stays until the next read.
module mp_window_ram #(
    parameter int Width = 64,  // power of two
    parameter int Bits = 4096
) (
    input  logic             clk_i,
    input  logic             write_i,
    input  logic [     31:0] waddr_i,  // in bits
    input  logic [     15:0] wbits_i,  // 1 to Width
    input  logic [Width-1:0] wdata_i,
    input  logic             read_i,
    input  logic [     31:0] raddr_i,
    output logic [Width-1:0] rdata_o
);
  localparam int Log = $clog2(Width);
  localparam int Pairs = (Bits + 2 * Width - 1) / (2 * Width) + 1;
  localparam int Index = $clog2(Pairs);

  logic [Width-1:0] even_q[Pairs];
  logic [Width-1:0] odd_q [Pairs];

  // Line l lies in bank l[0] at l >> 1. A window begins in line l and may reach into l + 1.
  logic [31:0] wline, rline;
  logic [2*Width-1:0] wmask, wdata;
  logic [Width-1:0] even_mask, odd_mask, even_new, odd_new;
  logic [Index-1:0] weven, wodd, reven, rodd;

  assign wline = waddr_i >> Log;
  assign weven = Index'((wline + 32'd1) >> 1);
  assign wodd  = Index'(wline >> 1);
  always_comb begin
    wmask = '0;
    wdata = '0;
    if (write_i) begin
      wmask = ~({2 * Width{1'b1}} << wbits_i) << waddr_i[Log-1:0];
      wdata = {{Width{1'b0}}, wdata_i} << waddr_i[Log-1:0];
    end
  end
  assign {odd_mask, even_mask} = wline[0] ? {wmask[Width-1:0], wmask[2*Width-1:Width]} : wmask;
  assign {odd_new, even_new} = wline[0] ? {wdata[Width-1:0], wdata[2*Width-1:Width]} : wdata;

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      even_q[weven] <= (even_q[weven] & ~even_mask) | (even_new & even_mask);
      odd_q[wodd]   <= (odd_q[wodd] & ~odd_mask) | (odd_new & odd_mask);
    end
  end

  logic [Width-1:0] even_rdata_q, odd_rdata_q;
  logic [Log:0] shift_q;  // bit in the window, parity of its line on top

  assign rline = raddr_i >> Log;
  assign reven = Index'((rline + 32'd1) >> 1);
  assign rodd  = Index'(rline >> 1);

  always_ff @(posedge clk_i) begin
    if (read_i) begin
      even_rdata_q <= even_q[reven];
      odd_rdata_q  <= odd_q[rodd];
      shift_q      <= {rline[0], raddr_i[Log-1:0]};
    end
  end

  logic [2*Width-1:0] pair;
  assign pair = shift_q[Log] ? {even_rdata_q, odd_rdata_q} : {odd_rdata_q, even_rdata_q};
  assign rdata_o = Width'(pair >> shift_q[Log-1:0]);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (write_i) begin
      assert (wbits_i != 0 && 32'(wbits_i) <= Width)
      else $error("a write of %0d bits through a port of %0d", wbits_i, Width);
      assert (64'(waddr_i) + 64'(wbits_i) <= 64'(Bits))
      else $error("a write of %0d bits at bit %0d leaves the buffer of %0d bits", wbits_i, waddr_i, Bits);
    end
  end
`endif

endmodule
