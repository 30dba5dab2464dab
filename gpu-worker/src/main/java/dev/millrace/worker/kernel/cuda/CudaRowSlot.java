package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.step.RowSlot;
import org.jspecify.annotations.Nullable;

/// Room for the rows of one step on the device that reads them. The stream of either device waits for the other one's
/// event; the lock only orders what their threads ask for.
final class CudaRowSlot implements RowSlot {

    private final CudaStage reader;
    private final long context;
    private final long address;
    private final long bytes;
    private final Event read;

    /// Is recorded by the device that writes, to which it belongs.
    private @Nullable Event written;

    private boolean full;
    private boolean closed;

    /// @param reader who reads it
    /// @param context of its device
    /// @param read an event of its own
    CudaRowSlot(CudaStage reader, long context, long address, long bytes, Event read) {
        this.reader = reader;
        this.context = context;
        this.address = address;
        this.bytes = bytes;
        this.read = read;
    }

    /// Whether rows were written that nobody asked for.
    synchronized boolean isFull() {
        return full;
    }

    /// Has the rows brought here from another device, behind what is on its stream and once the ones before were read.
    ///
    /// @param writer on its thread
    /// @param writerContext of its device
    synchronized void write(CudaStage writer, long writerContext, long from, long count) {
        if (closed || full || count > bytes) {
            throw new IllegalStateException("%d bytes do not go to a slot of %d that is %s"
                    .formatted(count, bytes, closed ? "closed" : full ? "full" : "free"));
        }
        Event behind = written;
        if (behind == null) {
            behind = new Event(writer.driver(), false);
            written = behind;
            if (writerContext != context) {
                boolean ignored = writer.driver().connect(context);
            }
        }
        Driver driver = writer.driver();
        long stream = writer.stream().handle();
        writer.stream().waitFor(read);
        if (writerContext == context) {
            driver.copyOnDevice(address, from, count, stream);
        } else {
            driver.copyToPeer(address, context, from, writerContext, count, stream);
        }
        behind.record(writer.stream());
        full = true;
    }

    /// Has the rows brought to `to` on this device when they are there. On the reader's thread.
    synchronized void read(long to, long count) {
        if (closed || !full || written == null) {
            throw new IllegalStateException("rows are asked for that nobody has written");
        }
        reader.stream().waitFor(written);
        reader.driver().copyOnDevice(to, address, count, reader.stream().handle());
        read.record(reader.stream());
        full = false;
    }

    /// Nothing is written from there any more; what was is done. On the thread of the device that wrote.
    synchronized void forgetWriter() {
        Event last = written;
        written = null;
        if (last != null) {
            last.close();
        }
    }

    /// Nothing is written here from now on; the reader's stream waits for what is under way.
    synchronized void shut() {
        closed = true;
        if (written != null) {
            try {
                reader.stream().waitFor(written);
            } catch (CudaException e) {
                // The other device has ended, with everything that was under way.
            }
        }
    }
}
