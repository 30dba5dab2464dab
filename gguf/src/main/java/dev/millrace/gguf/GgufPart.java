package dev.millrace.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// One mapped file with its header. A model is one of these, or several when it is split.
record GgufPart(Path path, MemorySegment file, GgufHeader header) {
    static GgufPart map(Path path, Arena arena) throws IOException {
        // Asked first, because opening a named pipe would wait for a writer.
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new GgufPart(path, file, GgufHeader.read(path.toString(), file));
        }
    }

    List<GgufTensor> tensors() {
        return header.tensors().stream()
                .map(entry -> new GgufTensor(
                        entry.name(),
                        entry.dimensions().sizes(),
                        entry.type(),
                        file.asSlice(header.dataOffset() + entry.offset(), entry.byteSize())))
                .toList();
    }
}
