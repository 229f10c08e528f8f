// SPDX-License-Identifier: Apache-2.0
// The tile sequencer: a pipeline in lock step. In a stage the next tile is loaded, this one computes, the one before drains; the
// stage ends when all three are done. What has no second half in its buffer is moved before the stage, while the array waits.
// A cycle's cause is decided here.
module mp_seq #(
    parameter int Rows = 4,
    parameter int Cols = 4,
    parameter int VecLanes = 4,
    parameter bit InputDouble = 1'b1,
    parameter bit WeightDouble = 1'b1,
    parameter bit OutputDouble = 1'b1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,

    input  logic                            start_i,
    output logic                            busy_o,
    input  logic                            desc_valid_i,
    output logic                            desc_ready_o,
    input  logic [mp_pkg::DescWords*32-1:0] desc_i,

    output logic [mp_pkg::DescWords*32-1:0] load_o,     // tile to load in this phase
    output logic [mp_pkg::DescWords*32-1:0] compute_o,
    output logic [mp_pkg::DescWords*32-1:0] drain_o,
    output logic                            phase_o,
    output logic [                     3:0] jobs_o,     // drain, input, weight, partial
    input  logic                            dma_done_i,
    input  logic                            mem_busy_i,

    output logic       array_start_o,
    input  logic       array_busy_i,
    input  logic       array_done_i,
    input  logic [2:0] array_cause_i,
    output logic       requant_start_o,
    output logic       operate_start_o,
    input  logic       vector_busy_i,
    input  logic       vector_done_i,

    output logic [ 2:0] cause_o,
    output logic [31:0] pes_o,     // clocked in this cycle: those of layers on the array
    output logic [31:0] turned_o   // elements turned into bit planes in this cycle
);
  localparam int Drain = 0;
  localparam int Input = 1;
  localparam int Weight = 2;
  localparam int Partial = 3;

  mp_pkg::seq_e state_q, state_d;
  mp_pkg::cause_e cause;
  logic [mp_pkg::DescWords*32-1:0] next_q, now_q, past_q;
  logic next_valid_q, now_valid_q, past_valid_q, end_q, first_q, phase_q, array_q;
  logic [31:0] turn_left_q;

  // Which operands a tile moves, and whether it drains.
  function automatic [3:0] moves(input [mp_pkg::DescWords*32-1:0] load, input load_valid,
                                 input [mp_pkg::DescWords*32-1:0] drain, input drain_valid);
    moves[Drain] = drain_valid && drain[mp_pkg::DescFlags*32+mp_pkg::FlagDrain] &&
        (drain[mp_pkg::DescFlags*32+mp_pkg::FlagFinal] ? drain[mp_pkg::DescOutBits*32+:32] :
         drain[mp_pkg::DescPBits*32+:32]) != 0;
    moves[Input] = load_valid && load[mp_pkg::DescFlags*32+mp_pkg::FlagLoadInput] &&
        load[mp_pkg::DescInBits*32+:32] != 0;
    moves[Weight] = load_valid && load[mp_pkg::DescFlags*32+mp_pkg::FlagLoadWeight] &&
        load[mp_pkg::DescWBits*32+:32] != 0;
    moves[Partial] = load_valid && load[mp_pkg::DescFlags*32+mp_pkg::FlagLoadPartial] &&
        load[mp_pkg::DescPBits*32+:32] != 0;
  endfunction

  localparam logic [3:0] Beside = {OutputDouble, WeightDouble, InputDouble, OutputDouble};
  logic [3:0] serial_jobs, main_jobs, coming_jobs;
  assign serial_jobs = moves(now_q, now_valid_q, past_q, past_valid_q) & ~Beside;
  assign main_jobs = moves(next_q, next_valid_q, past_q, past_valid_q) & Beside;
  // The serial part of the stage that follows.
  assign coming_jobs = moves(next_q, next_valid_q, now_q, now_valid_q) & ~Beside;

  logic stage_done, phase_done, advance, take, turn, finished, need;
  assign phase_done = dma_done_i && (!array_busy_i || array_done_i) && (!vector_busy_i || vector_done_i);
  assign need = !end_q;
  assign stage_done = state_q == mp_pkg::SeqMain && phase_done && !(need && !desc_valid_i);
  assign turn = desc_valid_i && desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagTurn];
  assign finished = stage_done && !next_valid_q && !now_valid_q;
  assign advance = (stage_done && !finished) || (state_q == mp_pkg::SeqTurn && turn_left_q <= 32'(VecLanes) &&
      desc_valid_i) || (state_q == mp_pkg::SeqIdle && start_i && desc_valid_i && !turn);
  assign take = (advance && need) || (state_q == mp_pkg::SeqIdle && start_i && turn);
  assign desc_ready_o = take;
  assign busy_o = state_q != mp_pkg::SeqIdle;

  always_comb begin
    state_d = state_q;
    if (advance) begin
      state_d = coming_jobs != 0 ? mp_pkg::SeqSerial : mp_pkg::SeqMain;
    end else if (state_q == mp_pkg::SeqIdle && start_i && turn) begin
      state_d = mp_pkg::SeqTurn;
    end else if (state_q == mp_pkg::SeqSerial && phase_done) begin
      state_d = mp_pkg::SeqMain;
    end else if (finished) begin
      state_d = mp_pkg::SeqIdle;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= mp_pkg::SeqIdle;
      {next_valid_q, now_valid_q, past_valid_q, end_q, first_q, phase_q, array_q} <= '0;
      {next_q, now_q, past_q} <= '0;
      turn_left_q  <= '0;
    end else if (en_i) begin
      state_q <= state_d;
      first_q <= advance || (state_q == mp_pkg::SeqSerial && phase_done);
      if (advance || (state_q == mp_pkg::SeqSerial && phase_done)) begin
        phase_q <= !phase_q;
      end
      if (advance) begin
        past_q       <= now_q;
        past_valid_q <= now_valid_q;
        now_q        <= next_q;
        now_valid_q  <= next_valid_q;
        next_valid_q <= need;
        if (need) begin
          next_q <= desc_i;
          end_q  <= desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagEnd];
        end
      end
      if (state_q == mp_pkg::SeqIdle) begin
        array_q <= desc_i[mp_pkg::DescFlags*32+mp_pkg::FlagArray] || turn;
      end
      if (finished) begin
        {next_valid_q, now_valid_q, past_valid_q, end_q} <= '0;
      end
      if (state_q == mp_pkg::SeqIdle) begin
        turn_left_q <= desc_i[mp_pkg::DescCount*32+:32];
      end else if (state_q == mp_pkg::SeqTurn) begin
        turn_left_q <= turn_left_q - turned_o;
      end
    end
  end

  // Units start in the first cycle of their phase.
  logic now_array, drains_final;
  assign now_array = now_q[mp_pkg::DescFlags*32+mp_pkg::FlagArray];
  assign drains_final = past_valid_q && past_q[mp_pkg::DescFlags*32+mp_pkg::FlagDrain] &&
      past_q[mp_pkg::DescFlags*32+mp_pkg::FlagFinal] && past_q[mp_pkg::DescFlags*32+mp_pkg::FlagArray];
  assign array_start_o = first_q && state_q == mp_pkg::SeqMain && now_valid_q && now_array;
  assign operate_start_o = first_q && state_q == mp_pkg::SeqMain && now_valid_q && !now_array;
  assign requant_start_o = first_q && drains_final &&
      state_q == (OutputDouble ? mp_pkg::SeqMain : mp_pkg::SeqSerial);

  assign phase_o = phase_q;
  assign jobs_o = state_q == mp_pkg::SeqSerial ? serial_jobs : main_jobs;
  assign load_o = state_q == mp_pkg::SeqSerial ? now_q : next_q;
  assign compute_o = now_q;
  assign drain_o = past_q;
  assign turned_o = state_q != mp_pkg::SeqTurn ? 32'd0 :
      turn_left_q < 32'(VecLanes) ? turn_left_q : 32'(VecLanes);
  assign pes_o = busy_o && array_q ? 32'(Rows * Cols) : 32'd0;

  always_comb begin
    cause = mp_pkg::CauseNone;
    if (state_q == mp_pkg::SeqTurn) begin
      cause = mp_pkg::CauseVector;
    end else if (busy_o) begin
      if (array_busy_i) begin
        unique case (array_cause_i)
          mp_pkg::CauseCompute:     cause = mp_pkg::CauseCompute;
          mp_pkg::CauseStallWeight: cause = mp_pkg::CauseStallWeight;
          mp_pkg::CauseStallInput:  cause = mp_pkg::CauseStallInput;
          default:                  cause = mp_pkg::CauseFillDrain;
        endcase
      end else if (vector_busy_i && now_valid_q && !now_array) begin
        cause = mp_pkg::CauseVector;
      end else if (mem_busy_i) begin
        cause = mp_pkg::CauseStallDram;
      end else if (vector_busy_i) begin
        cause = mp_pkg::CauseVector;
      end else begin
        cause = mp_pkg::CauseFillDrain;
      end
    end
  end
  assign cause_o = cause;

  // Tile numbers for the eye; all ones where there is no tile.
  logic [31:0] load_tile, compute_tile, drain_tile;
  assign load_tile = next_valid_q ? next_q[mp_pkg::DescTile*32+:32] : '1;
  assign compute_tile = now_valid_q ? now_q[mp_pkg::DescTile*32+:32] : '1;
  assign drain_tile = past_valid_q && past_q[mp_pkg::DescFlags*32+mp_pkg::FlagDrain] ?
      past_q[mp_pkg::DescTile*32+:32] : '1;
  logic unused_tiles;
  assign unused_tiles = ^{load_tile, compute_tile, drain_tile};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && en_i) begin
      assert (!(start_i && busy_o))
      else $error("a run starts while another one is under way");
      assert (state_q != mp_pkg::SeqIdle || (!next_valid_q && !now_valid_q && !past_valid_q))
      else $error("tiles are left behind");
      assert (!start_i || desc_valid_i)
      else $error("a run starts without a descriptor");
    end
    if (rst_ni) begin
      assert (!start_i || en_i)
      else $error("a run starts between core cycles");
    end
  end
`endif

endmodule
