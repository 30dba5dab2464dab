package dev.millrace.worker.kernel.cuda.driver;

import static dev.millrace.worker.kernel.cuda.driver.JcudaHandles.get;
import static dev.millrace.worker.kernel.cuda.driver.JcudaHandles.set;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/// The driver through JCuda. The objects that JCuda wants in place of addresses and handles are made once and filled
/// before each call.
public final class JcudaDriver implements Driver {

    private static final int LOG_BYTES = 4096;

    private final CUdeviceptr to = new CUdeviceptr();
    private final CUdeviceptr from = new CUdeviceptr();
    private final Pointer host = new JcudaHandles.Address();
    private final CUcontext context = new CUcontext();
    private final CUcontext otherContext = new CUcontext();
    private final CUstream stream = new CUstream();
    private final CUevent event = new CUevent();
    private final CUevent otherEvent = new CUevent();
    private final CUmodule module = new CUmodule();
    private final CUfunction function = new CUfunction();
    private final CUgraph graph = new CUgraph();
    private final CUgraphExec executable = new CUgraphExec();

    private JcudaDriver() {}

    /// The driver of this machine, initialised.
    ///
    /// @throws IllegalStateException where there is none, or the binding cannot be loaded
    /// @throws CudaException where it does not start: without a device, for example
    public static JcudaDriver open() {
        Optional<String> missing = DriverLibrary.missing();
        if (missing.isPresent()) {
            throw new IllegalStateException(missing.get());
        }
        try {
            JcudaLibrary.load();
        } catch (LinkageError e) {
            throw new IllegalStateException("the CUDA binding cannot be loaded", e);
        }
        check(JCudaDriver.cuInit(0), "cuInit", "");
        return new JcudaDriver();
    }

    static void check(int code, String call, String what) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw failure(code, call, what);
        }
    }

    private static void check(int code, String call) {
        check(code, call, "");
    }

    private static void check(int code, String call, long bytes) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw failure(code, call, bytes + " bytes");
        }
    }

    private static CudaException failure(int code, String call, String what) {
        String[] name = {""};
        boolean isKnown = JCudaDriver.cuGetErrorName(code, name) == CUresult.CUDA_SUCCESS && !name[0].isEmpty();
        return new CudaException(call, code, isKnown ? name[0] : CUresult.stringFor(code), what);
    }

    @Override
    public int version() {
        int[] version = new int[1];
        check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
        return version[0];
    }

    @Override
    public int deviceCount() {
        int[] count = new int[1];
        check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        return count[0];
    }

    @Override
    public DeviceFacts device(int ordinal) {
        return JcudaDevices.facts(ordinal);
    }

    @Override
    public long retainContext(int ordinal) {
        check(
                JCudaDriver.cuDevicePrimaryCtxRetain(context, JcudaDevices.device(ordinal)),
                "cuDevicePrimaryCtxRetain",
                "device " + ordinal);
        return get(context);
    }

    @Override
    public void releaseContext(int ordinal) {
        check(
                JCudaDriver.cuDevicePrimaryCtxRelease(JcudaDevices.device(ordinal)),
                "cuDevicePrimaryCtxRelease",
                "device " + ordinal);
    }

    @Override
    public void makeCurrent(long handle) {
        check(JCudaDriver.cuCtxSetCurrent(set(context, handle)), "cuCtxSetCurrent");
    }

    @Override
    public DeviceFacts currentDevice() {
        CUdevice current = new CUdevice();
        check(JCudaDriver.cuCtxGetDevice(current), "cuCtxGetDevice");
        return JcudaDevices.facts(Math.toIntExact(get(current)));
    }

    @Override
    public MemoryInfo memory() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
        return new MemoryInfo(free[0], total[0]);
    }

    @Override
    public long allocate(long bytes) {
        check(JCudaDriver.cuMemAlloc(to, bytes), "cuMemAlloc", bytes);
        return get(to);
    }

    @Override
    public void free(long address) {
        check(JCudaDriver.cuMemFree(set(to, address)), "cuMemFree");
    }

    @Override
    public long allocatePinned(long bytes) {
        // It gets a buffer besides its address, which later calls would take instead of another address.
        Pointer allocated = new Pointer();
        check(JCudaDriver.cuMemHostAlloc(allocated, bytes, 0), "cuMemHostAlloc", bytes);
        return get(allocated);
    }

    @Override
    public void freePinned(long address) {
        check(JCudaDriver.cuMemFreeHost(set(host, address)), "cuMemFreeHost");
    }

    @Override
    public long createStream() {
        check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        return get(stream);
    }

    @Override
    public void destroyStream(long handle) {
        check(JCudaDriver.cuStreamDestroy(set(stream, handle)), "cuStreamDestroy");
    }

    @Override
    public void synchronize(long handle) {
        check(JCudaDriver.cuStreamSynchronize(set(stream, handle)), "cuStreamSynchronize");
    }

    @Override
    public long createEvent(boolean timing) {
        int flags = CUevent_flags.CU_EVENT_BLOCKING_SYNC | (timing ? 0 : CUevent_flags.CU_EVENT_DISABLE_TIMING);
        check(JCudaDriver.cuEventCreate(event, flags), "cuEventCreate");
        return get(event);
    }

    @Override
    public void destroyEvent(long handle) {
        check(JCudaDriver.cuEventDestroy(set(event, handle)), "cuEventDestroy");
    }

    @Override
    public void record(long handle, long streamHandle) {
        check(JCudaDriver.cuEventRecord(set(event, handle), set(stream, streamHandle)), "cuEventRecord");
    }

    @Override
    public boolean isOver(long handle) {
        int code = JCudaDriver.cuEventQuery(set(event, handle));
        if (code == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        check(code, "cuEventQuery");
        return true;
    }

    @Override
    public void await(long handle) {
        check(JCudaDriver.cuEventSynchronize(set(event, handle)), "cuEventSynchronize");
    }

    @Override
    public void waitFor(long streamHandle, long handle) {
        check(JCudaDriver.cuStreamWaitEvent(set(stream, streamHandle), set(event, handle), 0), "cuStreamWaitEvent");
    }

    @Override
    public float millisBetween(long start, long end) {
        float[] millis = new float[1];
        check(JCudaDriver.cuEventElapsedTime(millis, set(event, start), set(otherEvent, end)), "cuEventElapsedTime");
        return millis[0];
    }

    @Override
    public void copyToDevice(long address, long pinned, long bytes, long streamHandle) {
        check(
                JCudaDriver.cuMemcpyHtoDAsync(set(to, address), set(host, pinned), bytes, set(stream, streamHandle)),
                "cuMemcpyHtoDAsync",
                bytes);
    }

    @Override
    public void copyToHost(long pinned, long address, long bytes, long streamHandle) {
        check(
                JCudaDriver.cuMemcpyDtoHAsync(set(host, pinned), set(from, address), bytes, set(stream, streamHandle)),
                "cuMemcpyDtoHAsync",
                bytes);
    }

    @Override
    public void copyOnDevice(long target, long source, long bytes, long streamHandle) {
        check(
                JCudaDriver.cuMemcpyDtoDAsync(set(to, target), set(from, source), bytes, set(stream, streamHandle)),
                "cuMemcpyDtoDAsync",
                bytes);
    }

    @Override
    public boolean connect(long other) {
        int code = JCudaDriver.cuCtxEnablePeerAccess(set(otherContext, other), 0);
        return code == CUresult.CUDA_SUCCESS || code == CUresult.CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
    }

    @Override
    public void copyToPeer(
            long target, long targetContext, long source, long sourceContext, long bytes, long streamHandle) {
        check(
                JCudaDriver.cuMemcpyPeerAsync(
                        set(to, target),
                        set(context, targetContext),
                        set(from, source),
                        set(otherContext, sourceContext),
                        bytes,
                        set(stream, streamHandle)),
                "cuMemcpyPeerAsync",
                bytes);
    }

    @Override
    public void fillWords(long target, int word, long count, long streamHandle) {
        check(
                JCudaDriver.cuMemsetD32Async(set(to, target), word, count, set(stream, streamHandle)),
                "cuMemsetD32Async",
                count * Integer.BYTES);
    }

    @Override
    public long loadModule(byte[] ptx) {
        JITOptions options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        int code = JCudaDriver.cuModuleLoadDataJIT(module, Pointer.to(ptx), options);
        if (code != CUresult.CUDA_SUCCESS) {
            throw failure(code, "cuModuleLoadDataEx", firstLine(options));
        }
        return get(module);
    }

    private static String firstLine(JITOptions options) {
        byte[] log = options.getBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER);
        String text = new String(log, StandardCharsets.UTF_8);
        int end = text.indexOf(0);
        return text.substring(0, end < 0 ? text.length() : end)
                .lines()
                .findFirst()
                .orElse("");
    }

    @Override
    public void unloadModule(long handle) {
        check(JCudaDriver.cuModuleUnload(set(module, handle)), "cuModuleUnload");
    }

    @Override
    public long function(long handle, String name) {
        check(JCudaDriver.cuModuleGetFunction(function, set(module, handle), name), "cuModuleGetFunction");
        return get(function);
    }

    @Override
    public int attribute(long handle, int attribute) {
        int[] value = new int[1];
        check(JCudaDriver.cuFuncGetAttribute(value, attribute, set(function, handle)), "cuFuncGetAttribute");
        return value[0];
    }

    @Override
    public void setAttribute(long handle, int attribute, int value) {
        check(JCudaDriver.cuFuncSetAttribute(set(function, handle), attribute, value), "cuFuncSetAttribute");
    }

    @Override
    public void launch(
            long handle,
            int gridX,
            int gridY,
            int gridZ,
            int block,
            int sharedBytes,
            long streamHandle,
            long argumentBlock) {
        check(
                JCudaDriver.cuLaunchKernel(
                        set(function, handle),
                        gridX,
                        gridY,
                        gridZ,
                        block,
                        1,
                        1,
                        sharedBytes,
                        set(stream, streamHandle),
                        set(host, argumentBlock),
                        null),
                "cuLaunchKernel");
    }

    @Override
    public void beginCapture(long handle) {
        check(
                JCudaDriver.cuStreamBeginCapture(
                        set(stream, handle), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture");
    }

    @Override
    public long endCapture(long handle) {
        check(JCudaDriver.cuStreamEndCapture(set(stream, handle), graph), "cuStreamEndCapture");
        return get(graph);
    }

    @Override
    public long instantiate(long handle) {
        check(JCudaDriver.cuGraphInstantiate(executable, set(graph, handle), 0), "cuGraphInstantiate");
        return get(executable);
    }

    @Override
    public void launchGraph(long handle, long streamHandle) {
        check(JCudaDriver.cuGraphLaunch(set(executable, handle), set(stream, streamHandle)), "cuGraphLaunch");
    }

    @Override
    public void destroyGraph(long handle) {
        check(JCudaDriver.cuGraphDestroy(set(graph, handle)), "cuGraphDestroy");
    }

    @Override
    public void destroyExecutable(long handle) {
        check(JCudaDriver.cuGraphExecDestroy(set(executable, handle)), "cuGraphExecDestroy");
    }
}
