package dev.millrace.worker.kernel.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A driver in Java for tests of what stands on the interface: memory is memory of this process, streams do their work
/// as late as they may, and what is not given back can be listed. Kernels are not computed but noted.
public final class MemoryDriver implements Driver {

    private static final int OUT_OF_MEMORY = 2;
    private static final int INVALID = 1;

    private final List<DeviceFacts> devices = new ArrayList<>();
    private final Map<Long, Memory> memories = new HashMap<>();
    private final Map<Long, String> open = new LinkedHashMap<>();
    private final Map<Long, Queue<Runnable>> streams = new HashMap<>();
    private final Map<Long, Boolean> events = new HashMap<>();
    private final Map<Long, String> functions = new HashMap<>();
    private final List<String> launches = new ArrayList<>();
    private @Nullable LaunchBody body;
    private int version = 12_060;
    private long freeBytes = 1L << 40;
    private long next = 16;
    private int allocations;
    private int failing = Integer.MAX_VALUE;
    private int copiesToDevice;

    /// What a kernel does.
    public interface LaunchBody {
        void run(String kernel, int gridX, int gridY, long[] arguments);
    }

    /// Filled with what is no number.
    private static final class Memory {

        private final Arena arena = Arena.ofShared();
        private final MemorySegment segment;

        Memory(long bytes) {
            segment = arena.allocate(bytes, 256).fill((byte) 0xFF);
        }
    }

    public MemoryDriver() {
        devices.add(facts(0, 8, 0));
    }

    public static DeviceFacts facts(int ordinal, int major, int minor) {
        return new DeviceFacts(ordinal, "Card " + ordinal, "", "", major, minor, 4, 4L << 30, 99 << 10, 4 << 20);
    }

    public MemoryDriver devices(DeviceFacts... facts) {
        devices.clear();
        devices.addAll(List.of(facts));
        return this;
    }

    public MemoryDriver version(int supported) {
        version = supported;
        return this;
    }

    public MemoryDriver freeBytes(long bytes) {
        freeBytes = bytes;
        return this;
    }

    /// Everything that is made after `count` more is refused once.
    public MemoryDriver failAfter(int count) {
        failing = allocations + count;
        return this;
    }

    /// Runs when the stream comes to it.
    public MemoryDriver computing(LaunchBody kernels) {
        body = kernels;
        return this;
    }

    /// Whether [#failAfter] has had its turn.
    public boolean hasFailed() {
        return failing == Integer.MAX_VALUE;
    }

    /// What has not been given back.
    public List<String> leaks() {
        return List.copyOf(open.values());
    }

    public List<String> launches() {
        return List.copyOf(launches);
    }

    public int copiesToDevice() {
        return copiesToDevice;
    }

    private long make(String call, String kind) {
        if (allocations++ == failing) {
            failing = Integer.MAX_VALUE;
            throw new CudaException(call, OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "");
        }
        next += 16;
        open.put(next, kind);
        return next;
    }

    private void drop(String call, long handle) {
        if (open.remove(handle) == null) {
            throw new CudaException(call, INVALID, "CUDA_ERROR_INVALID_VALUE", "handle " + handle);
        }
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public int deviceCount() {
        return devices.size();
    }

    @Override
    public DeviceFacts device(int ordinal) {
        return devices.get(ordinal);
    }

    @Override
    public long retainContext(int ordinal) {
        return make("cuDevicePrimaryCtxRetain", "context " + ordinal);
    }

    @Override
    public void releaseContext(int ordinal) {
        long found = open.entrySet().stream()
                .filter(entry -> entry.getValue().equals("context " + ordinal))
                .findFirst()
                .orElseThrow()
                .getKey();
        open.remove(found);
    }

    @Override
    public void makeCurrent(long context) {
        if (!open.containsKey(context)) {
            throw new CudaException("cuCtxSetCurrent", 201, "CUDA_ERROR_INVALID_CONTEXT", "");
        }
    }

    @Override
    public DeviceFacts currentDevice() {
        return devices.getFirst();
    }

    @Override
    public MemoryInfo memory() {
        return new MemoryInfo(freeBytes, devices.getFirst().totalBytes());
    }

    @Override
    public long allocate(long bytes) {
        return memory("cuMemAlloc", bytes, "%d bytes".formatted(bytes));
    }

    @Override
    public void free(long address) {
        release("cuMemFree", address);
    }

    @Override
    public long allocatePinned(long bytes) {
        return memory("cuMemHostAlloc", bytes, "%d pinned bytes".formatted(bytes));
    }

    @Override
    public void freePinned(long address) {
        release("cuMemFreeHost", address);
    }

    private long memory(String call, long bytes, String kind) {
        long handle = make(call, kind);
        open.remove(handle);
        Memory memory = new Memory(bytes);
        memories.put(memory.segment.address(), memory);
        open.put(memory.segment.address(), kind);
        return memory.segment.address();
    }

    private void release(String call, long address) {
        drop(call, address);
        Memory memory = memories.remove(address);
        if (memory != null) {
            memory.arena.close();
        }
    }

    @Override
    public long createStream() {
        long stream = make("cuStreamCreate", "stream");
        streams.put(stream, new ArrayDeque<>());
        return stream;
    }

    @Override
    public void destroyStream(long stream) {
        synchronize(stream);
        drop("cuStreamDestroy", stream);
    }

    private Queue<Runnable> queue(long stream) {
        return Objects.requireNonNull(streams.get(stream), "this is no stream");
    }

    private void put(long stream, Runnable work) {
        queue(stream).add(work);
    }

    @Override
    public void synchronize(long stream) {
        Queue<Runnable> work = queue(stream);
        while (!work.isEmpty()) {
            work.remove().run();
        }
    }

    @Override
    public long createEvent(boolean timing) {
        return make("cuEventCreate", "event");
    }

    @Override
    public void destroyEvent(long event) {
        drop("cuEventDestroy", event);
    }

    @Override
    public void record(long event, long stream) {
        events.put(event, false);
        put(stream, () -> events.put(event, true));
    }

    @Override
    public boolean isOver(long event) {
        return events.getOrDefault(event, true);
    }

    @Override
    public void await(long event) {
        for (Queue<Runnable> work : streams.values()) {
            while (!isOver(event) && !work.isEmpty()) {
                work.remove().run();
            }
        }
    }

    @Override
    public void waitFor(long stream, long event) {
        put(stream, () -> await(event));
    }

    @Override
    public float millisBetween(long start, long end) {
        return 1;
    }

    @Override
    public void copyToDevice(long to, long pinned, long bytes, long stream) {
        copiesToDevice++;
        copyOnDevice(to, pinned, bytes, stream);
    }

    @Override
    public void copyToHost(long pinned, long from, long bytes, long stream) {
        copyOnDevice(pinned, from, bytes, stream);
    }

    @Override
    public void copyOnDevice(long to, long from, long bytes, long stream) {
        put(stream, () -> at(to, bytes).copyFrom(at(from, bytes)));
    }

    @Override
    public boolean connect(long otherContext) {
        return false;
    }

    @Override
    public void copyToPeer(long to, long toContext, long from, long fromContext, long bytes, long stream) {
        copyOnDevice(to, from, bytes, stream);
    }

    @Override
    public void fillWords(long to, int word, long count, long stream) {
        put(stream, () -> {
            for (long index = 0; index < count; index++) {
                at(to, count * Integer.BYTES).setAtIndex(ValueLayout.JAVA_INT, index, word);
            }
        });
    }

    public static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    @Override
    public long loadModule(byte[] ptx) {
        return make("cuModuleLoadDataEx", "module");
    }

    @Override
    public void unloadModule(long module) {
        drop("cuModuleUnload", module);
    }

    @Override
    public long function(long module, String name) {
        next += 16;
        functions.put(next, name);
        return next;
    }

    @Override
    public int attribute(long function, int attribute) {
        return 0;
    }

    @Override
    public void setAttribute(long function, int attribute, int value) {}

    @Override
    public void launch(
            long function,
            int gridX,
            int gridY,
            int gridZ,
            int block,
            int sharedBytes,
            long stream,
            long argumentBlock) {
        String kernel = functions.getOrDefault(function, "?");
        launches.add("%s %d x %d x %d of %d".formatted(kernel, gridX, gridY, gridZ, block));
        LaunchBody kernels = body;
        if (kernels != null) {
            // The block holds the addresses of the values and, right behind, the values.
            long first = at(argumentBlock, Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
            int count = (int) ((first - argumentBlock) / Long.BYTES);
            long[] arguments = at(first, (long) count * Long.BYTES).toArray(ValueLayout.JAVA_LONG);
            put(stream, () -> kernels.run(kernel, gridX, gridY, arguments));
        }
    }

    @Override
    public void beginCapture(long stream) {}

    @Override
    public long endCapture(long stream) {
        return make("cuStreamEndCapture", "graph");
    }

    @Override
    public long instantiate(long graph) {
        return make("cuGraphInstantiate", "executable graph");
    }

    @Override
    public void launchGraph(long executable, long stream) {
        launches.add("graph");
    }

    @Override
    public void destroyGraph(long graph) {
        drop("cuGraphDestroy", graph);
    }

    @Override
    public void destroyExecutable(long executable) {
        drop("cuGraphExecDestroy", executable);
    }
}
