package dev.millrace.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the tensor directory and checks that every tensor lies within the file and none upon another.
final class TensorDirectoryReader {
    static final int MOST_TENSORS = 1 << 18;
    static final int LONGEST_NAME_BYTES = 64;
    /// Name length, one dimension, its count, type and offset, and a name of one byte.
    static final int SMALLEST_ENTRY_BYTES = 8 + 1 + 4 + 8 + 4 + 8;

    private final HeaderReader reader;
    private final long alignment;

    TensorDirectoryReader(HeaderReader reader, long alignment) {
        this.reader = reader;
        this.alignment = alignment;
    }

    List<TensorEntry> read(int count) {
        if (count > MOST_TENSORS) {
            throw reader.fail("the file has %d tensors; at most %d are allowed".formatted(count, MOST_TENSORS));
        }
        List<TensorEntry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int index = 0; index < count; index++) {
            long start = reader.offset();
            TensorEntry entry = readEntry(index);
            if (!names.add(entry.name())) {
                throw reader.failAt(start, "tensor %s is there twice".formatted(Printable.quote(entry.name())));
            }
            entries.add(entry);
        }
        return List.copyOf(entries);
    }

    /// `dataBytes` is how much of the file follows the header and its padding.
    void checkRanges(List<TensorEntry> entries, long dataBytes) {
        @Nullable TensorEntry previous = null;
        for (TensorEntry entry : entries.stream()
                .sorted(Comparator.comparingLong(TensorEntry::offset))
                .toList()) {
            if (entry.byteSize() > dataBytes - entry.offset()) {
                throw reader.fail(
                        "tensor %s needs the data bytes %d to %d, but the file has %d; it is cut short or damaged"
                                .formatted(
                                        Printable.quote(entry.name()),
                                        entry.offset(),
                                        entry.end(),
                                        Math.max(dataBytes, 0)));
            }
            if (previous != null && entry.offset() < previous.end()) {
                throw reader.fail("the tensors %s and %s overlap at data byte %d"
                        .formatted(Printable.quote(previous.name()), Printable.quote(entry.name()), entry.offset()));
            }
            previous = entry;
        }
    }

    private TensorEntry readEntry(int index) {
        long start = reader.offset();
        String name = reader.readString(LONGEST_NAME_BYTES, "the name of tensor " + index);
        if (name.isEmpty()) {
            throw reader.failAt(start, "the name of tensor " + index + " is empty");
        }
        String tensor = "tensor " + Printable.quote(name);
        long[] sizes = readSizes(tensor);
        TensorType type = readType(tensor);
        Dimensions dimensions = new Dimensions(sizes);
        return new TensorEntry(name, type, dimensions, readOffset(tensor), byteSize(type, dimensions, tensor));
    }

    private long[] readSizes(String tensor) {
        long start = reader.offset();
        int count = reader.readInt("the dimension count of " + tensor);
        if (count < 1 || count > Dimensions.MOST) {
            throw reader.failAt(
                    start,
                    "%s has %s dimensions; 1 to %d are allowed"
                            .formatted(tensor, Integer.toUnsignedString(count), Dimensions.MOST));
        }
        long[] sizes = new long[count];
        long elements = 1;
        for (int index = 0; index < count; index++) {
            long size = reader.readLong("the dimensions of " + tensor);
            if (size < 1 || Math.multiplyHigh(elements, size) != 0 || elements * size < 0) {
                throw reader.failAt(
                        start,
                        "%s has a dimension of %s; each must be at least 1 and their product fit 63 bits"
                                .formatted(tensor, Long.toUnsignedString(size)));
            }
            elements *= size;
            sizes[index] = size;
        }
        return sizes;
    }

    private TensorType readType(String tensor) {
        long start = reader.offset();
        int id = reader.readInt("the type of " + tensor);
        @Nullable TensorType type = TensorType.byId(id);
        if (type == null) {
            throw reader.failAt(
                    start,
                    "%s has the type %s, which Millrace does not read; it reads %s"
                            .formatted(tensor, OtherTensorTypes.describe(id), TensorType.names()));
        }
        return type;
    }

    private long readOffset(String tensor) {
        long start = reader.offset();
        long offset = reader.readLong("the offset of " + tensor);
        if (offset < 0 || offset % alignment != 0) {
            throw reader.failAt(
                    start,
                    "%s has the offset %s, which is not a multiple of the alignment %d"
                            .formatted(tensor, Long.toUnsignedString(offset), alignment));
        }
        return offset;
    }

    private long byteSize(TensorType type, Dimensions dimensions, String tensor) {
        if (dimensions.columns() % type.blockElements() != 0) {
            throw reader.fail("%s is %s with rows of %d; rows must be multiples of %d"
                    .formatted(tensor, type, dimensions.columns(), type.blockElements()));
        }
        long blocks = dimensions.columns() / type.blockElements() * dimensions.rows();
        if (blocks > Long.MAX_VALUE / type.blockBytes()) {
            throw reader.fail("%s of %s %s is larger than any file".formatted(tensor, dimensions, type));
        }
        return blocks * type.blockBytes();
    }
}
