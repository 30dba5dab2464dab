package dev.millrace.gguf;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class RoomTest {
    @Test
    void gguf_depends_on_nothing_but_the_jdk() {
        JavaClasses room = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.millrace");

        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.millrace.gguf", "java..", "org.jspecify.annotations")
                .check(room);
    }
}
