package dev.millrace.worker.kernel.cpu;

/// Rows in the forms in which matrices take them; which of the two is filled depends on the matrices.
record ProductInputs(PlainRows plain, QuantizedRows quantized) {}
