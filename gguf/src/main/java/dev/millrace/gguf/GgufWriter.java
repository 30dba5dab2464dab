package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Writes GGUF files. Keys and tensors come out in the order they were added, unchecked: a key that is added twice is
/// there twice. Tensors are asked for their bytes when they are written, one after the other.
public final class GgufWriter {
    private static final byte[] MAGIC = "GGUF".getBytes(UTF_8);

    private final int version;
    private final LittleEndian pairs = new LittleEndian();
    private final List<Entry> entries = new ArrayList<>();
    private long pairCount;
    private long dataBytes;
    private int alignment = 32;

    /// Writes version 3.
    public GgufWriter() {
        this(3);
    }

    public GgufWriter(int version) {
        this.version = version;
    }

    /// Adds `general.alignment` and pads by it; to be called before the first tensor.
    public GgufWriter alignment(int bytes) {
        alignment = bytes;
        return uint32("general.alignment", bytes);
    }

    public GgufWriter string(String key, String value) {
        return raw(key, GgufType.STRING, new LittleEndian().string(value));
    }

    public GgufWriter uint32(String key, long value) {
        return raw(key, GgufType.UINT32, new LittleEndian().int32((int) value));
    }

    public GgufWriter uint16(String key, int value) {
        return raw(key, GgufType.UINT16, new LittleEndian().int16(value));
    }

    public GgufWriter int32(String key, int value) {
        return raw(key, GgufType.INT32, new LittleEndian().int32(value));
    }

    public GgufWriter uint64(String key, long bits) {
        return raw(key, GgufType.UINT64, new LittleEndian().int64(bits));
    }

    public GgufWriter float32(String key, float value) {
        return raw(key, GgufType.FLOAT32, new LittleEndian().float32(value));
    }

    public GgufWriter bool(String key, boolean value) {
        return raw(key, GgufType.BOOL, new LittleEndian().int8(value ? 1 : 0));
    }

    public GgufWriter strings(String key, List<String> values) {
        LittleEndian elements = new LittleEndian();
        values.forEach(elements::string);
        return array(key, GgufType.STRING, values.size(), elements);
    }

    public GgufWriter int32s(String key, int... values) {
        LittleEndian elements = new LittleEndian();
        for (int value : values) {
            elements.int32(value);
        }
        return array(key, GgufType.INT32, values.length, elements);
    }

    public GgufWriter float32s(String key, float... values) {
        return array(key, GgufType.FLOAT32, values.length, floats(values));
    }

    /// An array of `count` elements whose bytes are as given, right or wrong.
    public GgufWriter array(String key, GgufType elementType, long count, LittleEndian elements) {
        return raw(
                key,
                GgufType.ARRAY,
                new LittleEndian().int32(elementType.id()).int64(count).bytes(elements.toBytes()));
    }

    /// A value whose bytes are as given, right or wrong.
    public GgufWriter raw(String key, GgufType type, LittleEndian value) {
        return raw(key, type.id(), value);
    }

    GgufWriter raw(String key, int type, LittleEndian value) {
        pairs.string(key).int32(type).bytes(value.toBytes());
        pairCount++;
        return this;
    }

    /// `dimensions` has the row length first, a whole number of blocks; `content` is called by [#write].
    public GgufWriter tensor(String name, TensorType type, TensorContent content, long... dimensions) {
        Dimensions sizes = new Dimensions(dimensions);
        return add(name, type, content, Math.multiplyExact(type.rowBytes(sizes.columns()), sizes.rows()), dimensions);
    }

    /// `dimensions` has the row length first; `bytes` are the blocks.
    public GgufWriter tensor(String name, TensorType type, byte[] bytes, long... dimensions) {
        return add(name, type, out -> writeAll(out, ByteBuffer.wrap(bytes)), bytes.length, dimensions);
    }

    public GgufWriter float32Tensor(String name, float[] values, long... dimensions) {
        return tensor(name, TensorType.F32, floats(values).toBytes(), dimensions);
    }

    private GgufWriter add(String name, TensorType type, TensorContent content, long byteSize, long[] dimensions) {
        entries.add(new Entry(name, type.id(), dataBytes, dimensions.clone(), byteSize, content));
        dataBytes += byteSize + padding(byteSize);
        return this;
    }

    /// A line in the directory alone, of any type identifier and offset.
    GgufWriter directoryLine(String name, int type, long offset, long... dimensions) {
        entries.add(new Entry(name, type, offset, dimensions.clone(), 0, out -> {}));
        return this;
    }

    /// How large the file will be.
    public long byteSize() {
        return header().length + dataBytes;
    }

    /// The whole file, for one that is small.
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(Channels.newChannel(bytes));
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be written", impossible);
        }
        return bytes.toByteArray();
    }

    /// Writes a new file, or over an old one; returns it. What was written before a failure stays.
    public Path write(Path file) throws IOException {
        try (WritableByteChannel out = Files.newByteChannel(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            write(out);
        }
        return file;
    }

    private void write(WritableByteChannel file) throws IOException {
        writeAll(file, ByteBuffer.wrap(header()));
        for (Entry entry : entries) {
            CountingChannel out = new CountingChannel(file);
            entry.content.writeTo(out);
            if (out.count() != entry.byteSize) {
                throw new IllegalStateException("tensor %s has %d bytes, but %d were written"
                        .formatted(Printable.quote(entry.name), entry.byteSize, out.count()));
            }
            writeAll(file, ByteBuffer.allocate(padding(entry.byteSize)));
        }
    }

    private byte[] header() {
        LittleEndian header = new LittleEndian()
                .bytes(MAGIC)
                .int32(version)
                .int64(entries.size())
                .int64(pairCount)
                .bytes(pairs.toBytes());
        for (Entry entry : entries) {
            header.string(entry.name).int32(entry.dimensions.length);
            for (long dimension : entry.dimensions) {
                header.int64(dimension);
            }
            header.int32(entry.type).int64(entry.offset);
        }
        return header.pad(alignment).toBytes();
    }

    private int padding(long bytes) {
        return (int) (Math.ceilDiv(bytes, alignment) * alignment - bytes);
    }

    private static LittleEndian floats(float[] values) {
        LittleEndian bytes = new LittleEndian();
        for (float value : values) {
            bytes.float32(value);
        }
        return bytes;
    }

    private static void writeAll(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static final class Entry {
        private final String name;
        private final int type;
        private final long offset;
        private final long[] dimensions;
        private final long byteSize;
        private final TensorContent content;

        private Entry(String name, int type, long offset, long[] dimensions, long byteSize, TensorContent content) {
            this.name = name;
            this.type = type;
            this.offset = offset;
            this.dimensions = dimensions;
            this.byteSize = byteSize;
            this.content = content;
        }
    }
}
