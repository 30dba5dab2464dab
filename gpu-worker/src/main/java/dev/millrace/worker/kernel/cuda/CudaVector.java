package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.DeviceVector;

record CudaVector(int size, long address) implements DeviceVector {}
