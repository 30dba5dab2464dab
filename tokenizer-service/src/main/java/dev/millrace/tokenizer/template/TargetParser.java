package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what stands left of `=` and before `in`.
final class TargetParser {
    private final ParserState state;
    private final TokenStream tokens;

    TargetParser(ParserState state) {
        this.state = state;
        this.tokens = state.tokens();
    }

    /// A name, or names with commas between them; `namespace.attribute` too where that is allowed.
    Target parse(boolean withNamespace, @Nullable String endName) {
        List<Target> targets = new ArrayList<>();
        boolean isTuple = false;
        while (!atEnd(endName)) {
            targets.add(parseOne(withNamespace));
            if (!tokens.skip(TokenType.COMMA)) {
                break;
            }
            isTuple = true;
        }
        if (isTuple) {
            return new Target.Unpacking(targets);
        }
        if (targets.isEmpty()) {
            throw tokens.fail("Expected an expression, got '" + tokens.current().describe() + "'");
        }
        return targets.getFirst();
    }

    private boolean atEnd(@Nullable String endName) {
        return switch (tokens.type()) {
            case VARIABLE_END, BLOCK_END, RIGHT_PARENTHESIS -> true;
            default -> endName != null && tokens.isName(endName);
        };
    }

    private Target parseOne(boolean withNamespace) {
        if (tokens.type() == TokenType.LEFT_PARENTHESIS) {
            tokens.next();
            state.nest();
            Target inside = parse(false, null);
            state.unnest();
            tokens.expect(TokenType.RIGHT_PARENTHESIS);
            return inside;
        }
        if (tokens.type() != TokenType.NAME) {
            throw tokens.fail("can't assign to '" + tokens.current().describe() + "'");
        }
        String name = parseName();
        if (withNamespace && tokens.skip(TokenType.DOT)) {
            return new Target.NamespaceAttribute(
                    name, tokens.expect(TokenType.NAME).text());
        }
        return new Target.Variable(name);
    }

    /// A single name that may be assigned to.
    String parseName() {
        String name = tokens.expect(TokenType.NAME).text();
        return switch (name) {
            case "true", "True", "false", "False", "none", "None" ->
                throw tokens.fail("can't assign to '" + name + "'");
            default -> name;
        };
    }

    /// Tells the current scope what an assignment to `target` means.
    void assign(Target target) {
        switch (target) {
            case Target.Variable variable -> state.assign(variable.name());
            case Target.NamespaceAttribute attribute -> state.read(attribute.namespace());
            case Target.Unpacking unpacking -> unpacking.targets().forEach(this::assign);
        }
    }

    /// Declares the names of `target` as set on entry to `scope`.
    void declare(Target target, Scope scope) {
        switch (target) {
            case Target.Variable variable -> {
                if (variable.name().equals("loop")) {
                    throw tokens.fail("Can't assign to special loop variable in for-loop target");
                }
                scope.declare(variable.name());
                state.hideImplicit(variable.name());
            }
            case Target.NamespaceAttribute ignored -> throw tokens.fail("can't assign to an attribute here");
            case Target.Unpacking unpacking -> unpacking.targets().forEach(inner -> declare(inner, scope));
        }
    }
}
