package dev.millrace.gguf.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gguf.GgufType;
import dev.millrace.gguf.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Writes small GGUF files. Keys and tensors come out in the order they were added; the raw methods write what no sane
/// file has, for tests of the reader.
public final class GgufWriter {
    private static final byte[] MAGIC = "GGUF".getBytes(UTF_8);

    private final int version;
    private final LittleEndian pairs = new LittleEndian();
    private final List<Entry> entries = new ArrayList<>();
    private final LittleEndian data = new LittleEndian();
    private long pairCount;
    private int alignment = 32;

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
        return raw(key, GgufType.FLOAT32, new LittleEndian().int32(Float.floatToRawIntBits(value)));
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
        LittleEndian elements = new LittleEndian();
        for (float value : values) {
            elements.int32(Float.floatToRawIntBits(value));
        }
        return array(key, GgufType.FLOAT32, values.length, elements);
    }

    /// An array of `count` elements whose bytes are as given, right or wrong.
    public GgufWriter array(String key, GgufType elementType, long count, LittleEndian elements) {
        return raw(
                key,
                GgufType.ARRAY,
                new LittleEndian().int32(elementType.id()).int64(count).bytes(elements.toBytes()));
    }

    public GgufWriter raw(String key, GgufType type, LittleEndian value) {
        return raw(key, type.id(), value);
    }

    /// A value of any type identifier, its bytes right or wrong.
    public GgufWriter raw(String key, int type, LittleEndian value) {
        pairs.string(key).int32(type).bytes(value.toBytes());
        pairCount++;
        return this;
    }

    /// `dimensions` has the row length first; `bytes` are the blocks.
    public GgufWriter tensor(String name, TensorType type, byte[] bytes, long... dimensions) {
        rawTensor(name, type.id(), data.size(), dimensions);
        data.bytes(bytes).pad(alignment);
        return this;
    }

    public GgufWriter float32Tensor(String name, float[] values, long... dimensions) {
        LittleEndian bytes = new LittleEndian();
        for (float value : values) {
            bytes.int32(Float.floatToRawIntBits(value));
        }
        return tensor(name, TensorType.F32, bytes.toBytes(), dimensions);
    }

    /// A line in the directory alone, of any type identifier and offset.
    public GgufWriter rawTensor(String name, int type, long offset, long... dimensions) {
        entries.add(new Entry(name, type, offset, dimensions.clone()));
        return this;
    }

    public byte[] toBytes() {
        return toBytes(entries.size(), pairCount);
    }

    /// As [#toBytes()] with counts that may be lies.
    public byte[] toBytes(long tensorCount, long metadataCount) {
        LittleEndian file = new LittleEndian()
                .bytes(MAGIC)
                .int32(version)
                .int64(tensorCount)
                .int64(metadataCount)
                .bytes(pairs.toBytes());
        for (Entry entry : entries) {
            file.string(entry.name).int32(entry.dimensions.length);
            for (long dimension : entry.dimensions) {
                file.int64(dimension);
            }
            file.int32(entry.type).int64(entry.offset);
        }
        return file.pad(alignment).bytes(data.toBytes()).toBytes();
    }

    public Path write(Path file) throws IOException {
        return Files.write(file, toBytes());
    }

    private static final class Entry {
        private final String name;
        private final int type;
        private final long offset;
        private final long[] dimensions;

        private Entry(String name, int type, long offset, long[] dimensions) {
            this.name = name;
            this.type = type;
            this.offset = offset;
            this.dimensions = dimensions;
        }
    }
}
