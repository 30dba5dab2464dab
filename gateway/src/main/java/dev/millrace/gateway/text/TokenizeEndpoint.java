package dev.millrace.gateway.text;

import com.google.protobuf.ByteString;
import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.http.JsonAnswer;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.gateway.request.BodyReader;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.proto.v1.TokenizeRequest;
import dev.millrace.proto.v1.TokenizeResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// `POST /tokenize`: `content` in, `tokens` out, with llama-server's fields and defaults.
public final class TokenizeEndpoint {
    private final BodyReader bodies;
    private final GenerationClient client;
    private final ServedModel models;

    /// @param client does the work
    public TokenizeEndpoint(BodyReader bodies, GenerationClient client) {
        this.bodies = bodies;
        this.client = client;
        this.models = new ServedModel(client);
    }

    /// Answers with ids, or with ids and pieces where `with_pieces` is true.
    public Mono<ServerResponse> tokenize(ServerRequest request) {
        return bodies.read(request).map(FieldReader::of).flatMap(body -> {
            TokenizeRequest.Builder tokenize = TokenizeRequest.newBuilder()
                    .setText(FieldReader.text(body.require("content", "a string"), "content"))
                    .setAddSpecial(body.bool("add_special", false))
                    .setParseSpecial(body.bool("parse_special", true));
            boolean withPieces = body.bool("with_pieces", false);
            return models.of(body)
                    .flatMap(model -> client.tokenize(tokenize.setModel(model).build()))
                    .flatMap(tokens -> JsonAnswer.ok(withPieces ? pieces(tokens) : ids(tokens)));
        });
    }

    private static String ids(TokenizeResponse tokens) {
        StringBuilder out = new StringBuilder(16 + 6 * tokens.getTokenIdsCount()).append("{\"tokens\":[");
        for (int i = 0; i < tokens.getTokenIdsCount(); i++) {
            out.append(i == 0 ? "" : ",").append(Integer.toUnsignedString(tokens.getTokenIds(i)));
        }
        return out.append("]}").toString();
    }

    private static String pieces(TokenizeResponse tokens) {
        StringBuilder out = new StringBuilder(16 + 32 * tokens.getTokenIdsCount()).append("{\"tokens\":[");
        for (int i = 0; i < tokens.getTokenIdsCount(); i++) {
            out.append(i == 0 ? "{\"id\":" : ",{\"id\":").append(Integer.toUnsignedString(tokens.getTokenIds(i)));
            out.append(",\"piece\":");
            appendPiece(out, i < tokens.getPiecesCount() ? tokens.getPieces(i) : ByteString.EMPTY);
            out.append('}');
        }
        return out.append("]}").toString();
    }

    /// Text, or an array of bytes where they are no whole characters.
    private static void appendPiece(StringBuilder out, ByteString piece) {
        if (piece.isValidUtf8()) {
            JsonText.quote(out, piece.toStringUtf8());
            return;
        }
        out.append('[');
        for (int i = 0; i < piece.size(); i++) {
            out.append(i == 0 ? "" : ",").append(piece.byteAt(i) & 0xff);
        }
        out.append(']');
    }
}
