package dev.millrace.gguf;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// What stands before the tensor data of one file, read and checked.
/// `headerBytes` is its length without padding, `dataOffset` where the data part begins, both from the file's start.
record GgufHeader(int version, GgufMetadata metadata, List<TensorEntry> tensors, long headerBytes, long dataOffset) {
    private static final int MAGIC = 0x46554747;
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final long SMALLEST_ALIGNMENT = 8;
    private static final long LARGEST_ALIGNMENT = 1L << 30;
    /// Key length, a key of one byte, the value's type, a value of one byte.
    private static final int SMALLEST_PAIR_BYTES = 8 + 1 + 4 + 1;

    /// Reads the header of `file`; `source` names it in messages.
    static GgufHeader read(String source, MemorySegment file) {
        HeaderReader reader = new HeaderReader(source, file);
        int version = readVersion(reader);
        int tensorCount = reader.readCount(TensorDirectoryReader.SMALLEST_ENTRY_BYTES, "the tensor count");
        int keyCount = reader.readCount(SMALLEST_PAIR_BYTES, "the metadata count");
        GgufMetadata metadata = new MetadataReader(reader).read(keyCount);
        long alignment = alignment(reader, metadata);
        TensorDirectoryReader directory = new TensorDirectoryReader(reader, alignment);
        List<TensorEntry> tensors = directory.read(tensorCount);
        long headerBytes = reader.offset();
        long dataOffset = Math.ceilDiv(headerBytes, alignment) * alignment;
        directory.checkRanges(tensors, file.byteSize() - dataOffset);
        return new GgufHeader(version, metadata, tensors, headerBytes, dataOffset);
    }

    private static int readVersion(HeaderReader reader) {
        int magic = reader.readInt("the magic number");
        if (magic != MAGIC) {
            throw reader.failAt(0, "this is not a GGUF file: it does not begin with the letters GGUF");
        }
        int version = reader.readInt("the version");
        if (version == 1) {
            throw reader.failAt(4, "GGUF version 1 is too old; convert the file to version 2 or 3");
        }
        if (version != 0 && (version & 0xFFFF) == 0) {
            throw reader.failAt(4, "this is a big-endian GGUF file; only little-endian ones are read");
        }
        if (version != 2 && version != 3) {
            throw reader.failAt(
                    4, "GGUF version %s is not known; 2 and 3 are".formatted(Integer.toUnsignedString(version)));
        }
        return version;
    }

    private static long alignment(HeaderReader reader, GgufMetadata metadata) {
        long alignment = metadata.integer("general.alignment", DEFAULT_ALIGNMENT);
        if (alignment < SMALLEST_ALIGNMENT || alignment > LARGEST_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw reader.fail("general.alignment is %d; it must be a power of two from %d to %d"
                    .formatted(alignment, SMALLEST_ALIGNMENT, LARGEST_ALIGNMENT));
        }
        return alignment;
    }
}
