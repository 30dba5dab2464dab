package dev.millrace.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Passes bytes on and counts them; closing it leaves what it writes to open.
final class CountingChannel implements WritableByteChannel {
    private final WritableByteChannel out;
    private long count;

    CountingChannel(WritableByteChannel out) {
        this.out = out;
    }

    long count() {
        return count;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int written = out.write(bytes);
        count += written;
        return written;
    }

    @Override
    public boolean isOpen() {
        return out.isOpen();
    }

    @Override
    public void close() {}
}
