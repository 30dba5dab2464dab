package dev.millrace.worker.kernel.cpu;

/// One block of one row with its parts apart, between the file's packing and ours.
final class QuantBlock {

    /// `q` plus the zero point of its [QuantLayout].
    final byte[] quants = new byte[256];
    /// `d` as f16.
    short scale;
    /// `m` or `dmin` as f16.
    short minimum;
    /// Scales of the groups of a K block.
    final byte[] groupScales = new byte[16];
    /// Minimums of the groups of a K block.
    final byte[] groupMinimums = new byte[16];
}
