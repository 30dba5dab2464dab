package dev.millrace.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An open GGUF model: header read and checked, tensors mapped, nothing of them copied. May be used by many threads;
/// after [#close] no tensor's data may be touched.
public final class GgufFile implements AutoCloseable {
    private final Arena arena;
    private final List<GgufPart> parts;
    private final Map<String, GgufTensor> tensors;

    private GgufFile(Arena arena, List<GgufPart> parts) {
        this.arena = arena;
        this.parts = List.copyOf(parts);
        this.tensors = new LinkedHashMap<>();
        for (GgufPart part : parts) {
            for (GgufTensor tensor : part.tensors()) {
                if (tensors.put(tensor.name(), tensor) != null) {
                    throw new GgufException("%s: tensor %s is in another part too"
                            .formatted(part.path(), Printable.quote(tensor.name())));
                }
            }
        }
    }

    /// Maps the file; for a split model the path may be any part's, all are found and joined. A file without tensors (a
    /// vocabulary only) is fine. Throws [GgufException] for anything wrong in the content, IOException where a file
    /// cannot be read.
    @SuppressWarnings("MustBeClosedChecker") // the arena belongs to the object returned and ends in its close()
    public static GgufFile open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return new GgufFile(arena, SplitParts.join(GgufPart.map(path, arena), arena));
        } catch (IOException | RuntimeException failure) {
            arena.close();
            throw failure;
        }
    }

    /// The files of the model, in order; one unless it is split.
    public List<Path> paths() {
        return parts.stream().map(GgufPart::path).toList();
    }

    /// 2 or 3.
    public int version() {
        return parts.getFirst().header().version();
    }

    /// Of the first part, which for a split model has all that is not about the splitting.
    public GgufMetadata metadata() {
        return parts.getFirst().header().metadata();
    }

    /// In the order of the directory.
    public List<GgufTensor> tensors() {
        return new ArrayList<>(tensors.values());
    }

    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    public GgufTensor requireTensor(String name) {
        @Nullable GgufTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new GgufException(
                    "%s: tensor %s is missing".formatted(parts.getFirst().path(), Printable.quote(name)));
        }
        return tensor;
    }

    /// SHA-256 in lower-case hex over each part's header bytes and total size: cheap even for large models, and
    /// different
    /// for models of different shape, vocabulary or metadata.
    public String digest() {
        MessageDigest digest = sha256();
        for (GgufPart part : parts) {
            ByteBuffer header =
                    part.file().asSlice(0, part.header().headerBytes()).asByteBuffer();
            digest.update(header);
            digest.update(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(part.file().byteSize())
                    .flip());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// Unmaps the file. Throws IllegalStateException while another thread is reading from it.
    @Override
    public void close() {
        arena.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
