package dev.millrace.worker.step;

/// Room on a device for the rows of one step, which another device of this process writes. What is asked of either
/// device is done in the right order by the devices themselves: the rows are read when they are there, and overwritten
/// when they were read.
public interface RowSlot {}
