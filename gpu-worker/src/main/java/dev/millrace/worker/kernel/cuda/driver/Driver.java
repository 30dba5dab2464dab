package dev.millrace.worker.kernel.cuda.driver;

/// The calls of the CUDA driver that are used here. Handles and addresses are longs, sizes are in bytes, nothing is
/// allocated on Java's heap by calls that belong to a step. One instance serves one thread; every call but the first
/// five needs a context that is current on that thread. Whatever fails is a [CudaException].
///
/// Owners ([DeviceArray], [PinnedBuffer], [Stream], [Event], [Module], [Graph], [Context]) are the way to use what
/// allocates.
public interface Driver {

    /// The newest CUDA version that the driver supports: 1000 x major + 10 x minor.
    int version();

    int deviceCount();

    DeviceFacts device(int ordinal);

    /// The device's primary context, which lives until it is released as often as it was retained.
    long retainContext(int ordinal);

    void releaseContext(int ordinal);

    void makeCurrent(long context);

    /// The device of the current context.
    DeviceFacts currentDevice();

    /// Of the current context's device.
    MemoryInfo memory();

    /// Not zeroed; aligned to 256 bytes.
    long allocate(long bytes);

    void free(long address);

    /// Host memory that copies read and write while the host goes on: at most [PinnedBuffer#MOST_BYTES] each.
    long allocatePinned(long bytes);

    void freePinned(long address);

    /// A stream that does not wait for the default stream.
    long createStream();

    void destroyStream(long stream);

    void synchronize(long stream);

    /// @param timing whether [#millisBetween] is to be asked
    long createEvent(boolean timing);

    void destroyEvent(long event);

    void record(long event, long stream);

    /// Whether everything before the last record is done; never waits.
    boolean isOver(long event);

    /// Waits without spinning until everything before the last record is done.
    void await(long event);

    /// What comes later on `stream` waits for the event.
    void waitFor(long stream, long event);

    float millisBetween(long start, long end);

    /// Reads `pinned` when the stream comes to it.
    void copyToDevice(long to, long pinned, long bytes, long stream);

    /// Writes `pinned` when the stream comes to it.
    void copyToHost(long pinned, long from, long bytes, long stream);

    void copyOnDevice(long to, long from, long bytes, long stream);

    /// Has copies from the current context's device to another one's go without the host, where the two are connected
    /// so.
    ///
    /// @return whether they do
    boolean connect(long otherContext);

    /// Through the host where the devices are not connected ([#connect]).
    void copyToPeer(long to, long toContext, long from, long fromContext, long bytes, long stream);

    /// Writes `count` times the same 4 bytes.
    void fillWords(long to, int word, long count, long stream);

    /// Compiles PTX for the current context's device.
    ///
    /// @param ptx ASCII, the last byte is 0
    long loadModule(byte[] ptx);

    void unloadModule(long module);

    long function(long module, String name);

    int attribute(long function, int attribute);

    void setAttribute(long function, int attribute, int value);

    /// @param argumentBlock address of an array of addresses, one for each argument; read during the call only
    void launch(
            long function,
            int gridX,
            int gridY,
            int gridZ,
            int block,
            int sharedBytes,
            long stream,
            long argumentBlock);

    /// What is put on `stream` from now on is recorded instead of done; calls that would break the recording fail.
    void beginCapture(long stream);

    /// The recorded graph.
    long endCapture(long stream);

    /// A graph that can be launched, independent of `graph`.
    long instantiate(long graph);

    void launchGraph(long executable, long stream);

    void destroyGraph(long graph);

    void destroyExecutable(long executable);
}
