// SPDX-License-Identifier: Apache-2.0
// What the core shares with its driver: the words of a tile descriptor, the host registers, the counters, and the
// states that show by name in a waveform. sim/cosim/abi.h holds the same numbers; a test compares the two.
package mp_pkg;

  // Words of a descriptor, 32 bits each. Addresses count bursts of 64 bytes, sizes count bits.
  localparam int DescWords = 48;
  localparam int DescFlags = 0;
  localparam int DescInAddr = 1;
  localparam int DescInBits = 2;
  localparam int DescWAddr = 3;
  localparam int DescWBits = 4;  // of the kernel, without the parameters in front of it
  localparam int DescParams = 5;  // channels whose parameters come with the weights
  localparam int DescPAddr = 6;  // partial sums of the tile: loaded from there, and drained to it unless final
  localparam int DescPBits = 7;
  localparam int DescOutAddr = 8;  // final outputs
  localparam int DescOutBits = 9;
  localparam int DescGroups = 10;
  localparam int DescBatch = 11;
  localparam int DescOh = 12;
  localparam int DescOw = 13;
  localparam int DescOc = 14;
  localparam int DescIc = 15;
  localparam int DescIh = 16;  // rows and columns of the input tile as it lies in the buffer
  localparam int DescIw = 17;
  localparam int DescKh = 18;
  localparam int DescKw = 19;
  localparam int DescRowStep = 20;  // buffer row of output row y and tap k: y * step + k * tap + first
  localparam int DescRowTap = 21;
  localparam int DescRowFirst = 22;  // signed
  localparam int DescColStep = 23;
  localparam int DescColTap = 24;
  localparam int DescColFirst = 25;  // signed
  localparam int DescAStored = 26;
  localparam int DescBStored = 27;  // second operand of an addition
  localparam int DescWWidth = 28;  // bits that are computed with
  localparam int DescWStored = 29;
  localparam int DescOutStored = 30;
  localparam int DescOutLow = 31;  // signed, clamp
  localparam int DescOutHigh = 32;
  localparam int DescMulA = 33;  // requantisation of vector operations
  localparam int DescShiftA = 34;
  localparam int DescMulB = 35;
  localparam int DescShiftB = 36;
  localparam int DescCount = 37;  // elements to turn into bit planes
  localparam int DescChannel = 38;  // parameters of group g, channel o: word channel + g * stride + o
  localparam int DescStride = 39;
  localparam int DescBOffset = 40;  // first bit of the second operand in the input tile
  localparam int DescTile = 41;  // number in the run, for waveforms
  localparam int DescLayer = 42;
  localparam int DescPad = 43;  // what padding reads as, for the array: the zero point, signed

  // Bits of DescFlags.
  localparam int FlagTurn = 0;  // only turn DescCount elements; stands before a run's first tile
  localparam int FlagEnd = 1;  // no tile behind this one
  localparam int FlagLoadInput = 2;
  localparam int FlagLoadWeight = 3;
  localparam int FlagLoadPartial = 4;
  localparam int FlagDrain = 5;  // the tile behind it has other outputs
  localparam int FlagFinal = 6;  // the reduction is complete: requantise
  localparam int FlagAdds = 7;  // to partial sums of an earlier tile
  localparam int FlagInHalf = 8;
  localparam int FlagWHalf = 9;
  localparam int FlagOutHalf = 10;
  localparam int FlagArray = 11;  // else an operation of the vector unit
  localparam int FlagASigned = 12;
  localparam int FlagBSigned = 13;
  localparam int FlagOdd = 14;
  localparam int FlagFlat = 15;  // lanes carry kernel and channels flattened
  localparam int FlagRowPixel = 16;  // rows carry pixels, else output channels
  localparam int FlagColPixel = 17;
  localparam int FlagOp = 18;  // two bits: vop_e

  typedef enum logic [1:0] {
    VopMax = 2'd0,
    VopAvg = 2'd1,
    VopAdd = 2'd2,
    VopClamp = 2'd3
  } vop_e;

  typedef enum logic [2:0] {
    SeqIdle = 3'd0,
    SeqTurn = 3'd1,
    SeqSerial = 3'd2,  // buffers without a second half
    SeqMain = 3'd3
  } seq_e;

  // Causes of cycles, in the order of the counters.
  typedef enum logic [2:0] {
    CauseCompute = 3'd0,
    CauseFillDrain = 3'd1,
    CauseStallWeight = 3'd2,
    CauseStallInput = 3'd3,
    CauseStallOutput = 3'd4,
    CauseStallDram = 3'd5,
    CauseVector = 3'd6,
    CauseNone = 3'd7
  } cause_e;

  // Counters, 64 bits each: seven causes, then events.
  localparam int CntEvents = 7;
  localparam int EvPeActive = 0;
  localparam int EvPeIdle = 1;
  localparam int EvAccUpdate = 2;
  localparam int EvInputRead = 3;  // words of a bank
  localparam int EvInputWrite = 4;
  localparam int EvWeightRead = 5;
  localparam int EvWeightWrite = 6;
  localparam int EvOutputRead = 7;
  localparam int EvOutputWrite = 8;
  localparam int EvDramRead = 9;  // bits
  localparam int EvDramWrite = 10;
  localparam int EvNetBit = 11;
  localparam int EvVecRequant = 12;
  localparam int EvVecAlu = 13;
  localparam int EvVecMul = 14;
  localparam int EvVecSpecial = 15;
  localparam int EvCycle = 16;
  localparam int Events = 17;
  localparam int Counters = CntEvents + Events;

  // Host registers: word addresses.
  localparam int RegId = 0;  // "mpc1"
  localparam int RegCtrl = 1;  // write: bit 0 starts a run, bit 1 clears the counters
  localparam int RegStatus = 2;  // bit 0 busy, bit 1 an accumulator overflowed
  localparam int RegOverflows = 3;  // additions that overflowed since the counters were cleared
  localparam int RegShape = 4;  // rows in 31:16, columns in 15:0
  localparam int RegPe = 5;  // lanes in 31:16, serial bits in 15:8, accumulator bits in 7:0
  localparam int RegTile = 6;  // tile that computes
  localparam int RegCounters = 16;  // counter i: low word at 16 + 2 i, high word behind it
  localparam logic [31:0] IdValue = 32'h6d706331;

endpackage
