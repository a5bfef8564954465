/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words and colours of the picture. A picture is looked at alone, inside of a page that may be
 * light or dark, and by programs that know little CSS: so it brings its ground with it, its colours
 * are plain rules without variables, and the dark ones stand behind in a media query that whoever
 * does not know it leaves out.
 */
#include <string.h>

#include "look-draw.h"

static const char style[] =
	"text{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
	".m{font-family:ui-monospace,Consolas,'DejaVu Sans Mono',monospace}"
	".n{font-size:12.5px}.h{font-weight:600}.s{font-size:11px}.z{font-size:19px;font-weight:600}\n"
	"g rect{stroke-width:.6}.l{fill:none;stroke-width:1.8}.w{fill-opacity:.13}"
	".d{stroke-width:1.2;stroke-dasharray:2 4}\n"
	/* light: ground, ink, quiet text; the kernel's, vdk's, parts of files, the rest */
	".y{fill:#fff;stroke:#d8dde3}text{fill:#1c1f24}.s{fill:#66707c}.k0{fill:#f0f2f5;"
	"stroke:#b9c1cb}.w{fill:#8e3ccf}.d{stroke:#aab2bd}g rect{stroke:#fff}\n"
	".v{fill:#d1402f}.vi{fill:#fff}.vt{fill:#c23526}.vl{stroke:#d1402f}"
	".u{fill:#f3c584}.ui{fill:#4a2d00}.ut{fill:#9a5a00}.ul{stroke:#d99a3d}\n"
	".a{fill:#8e3ccf}.ai{fill:#fff}.at{fill:#8e3ccf}.al{stroke:#8e3ccf}"
	".p{fill:#c99bee}.pi{fill:#2c0b47}.pt{fill:#8e3ccf}.q{fill:#e6d3f7}.qi{fill:#2c0b47}"
	".qt{fill:#8e3ccf}\n"
	".c{fill:#2466d1}.ci{fill:#fff}.r{fill:#a9c6f2}.ri{fill:#10305f}.x{fill:#d9e7fb}"
	".xi{fill:#10305f}.f{fill:#a5dcc4}.fi{fill:#063d2a}.o{fill:#e6e2d8}.oi{fill:#4a463c}\n"
	"@media (prefers-color-scheme:dark){.y{fill:#15181d;stroke:#30363f}text{fill:#e6e9ee}"
	".s{fill:#97a1ae}.k0{fill:#22272e;stroke:#4a525d}.w{fill:#c08bf0}.d{stroke:#5b6470}"
	"g rect{stroke:#15181d}\n"
	".v{fill:#d9594a}.vi{fill:#fff}.vt{fill:#f2796b}.vl{stroke:#f2796b}.u{fill:#a9772d}"
	".ui{fill:#fff}.ut{fill:#e5ad5c}.ul{stroke:#e5ad5c}.a{fill:#9a4fd6}.ai{fill:#fff}"
	".at{fill:#c08bf0}.al{stroke:#c08bf0}.p{fill:#7a4fa3}.pi{fill:#fff}.pt{fill:#c08bf0}"
	".q{fill:#4b3566}.qi{fill:#efe4fa}.qt{fill:#c08bf0}.c{fill:#3474dc}.ci{fill:#fff}"
	".r{fill:#3c5f99}.ri{fill:#fff}.x{fill:#2b405f}.xi{fill:#dce8fb}.f{fill:#2f7d5e}"
	".fi{fill:#fff}.o{fill:#3a3d42}.oi{fill:#cfd3d8}}";

void draw_head(FILE *out, int width, double height)
{
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" "
	             "width=\"%d\" height=\"%.0f\">\n<style>%s</style>\n"
	             "<rect x=\".5\" y=\".5\" width=\"%d\" height=\"%.0f\" rx=\"8\" "
	             "class=\"y\"/>\n",
	        width, height, width, height, style, width - 1, height - 1);
}

void draw_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '&' || c == '<' || c == '>' || c == '"')
			fprintf(out, "&#%d;", c);
		else
			putc(c < ' ' || c >= 0x7f ? '?' : c, out);
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void draw_title(FILE *out, const struct vdk_maps *maps, const char *title)
{
	fputs("<text x=\"24\" y=\"36\" class=\"z\">The address space of ", out);
	for (size_t i = 0; i < maps->count; i++)
		if (maps->maps[i].owner == VDK_OWNER_PROGRAM && *maps->maps[i].path) {
			draw_text(out, base_name(maps->maps[i].path));
			fputs(", ", out);
			break;
		}
	draw_text(out, title);
	fputs("</text>\n<text x=\"24\" y=\"57\" class=\"s\">Left: all 128 TiB that a program may "
	      "have, to scale. Right: what is mapped, high addresses on top; a box grows with the "
	      "logarithm of its size.</text>\n", out);
}

const char *draw_class(const struct vdk_map *map)
{
	switch (map->kind) {
	case VDK_MAP_VDSO: case VDK_MAP_VSYSCALL: return "v";
	case VDK_MAP_VVAR: case VDK_MAP_VVAR_VCLOCK: return "u";
	case VDK_MAP_VDK_IMAGE: return "a";
	case VDK_MAP_VDK_PAGE: case VDK_MAP_VDK_STATE: return "p";
	case VDK_MAP_VDK_PROCESS: return "q";
	case VDK_MAP_CODE: return "c";
	case VDK_MAP_HEADERS: case VDK_MAP_CONSTANTS: case VDK_MAP_RELRO: return "r";
	case VDK_MAP_DATA: case VDK_MAP_BSS: return "x";
	case VDK_MAP_HEAP: case VDK_MAP_STACK: case VDK_MAP_THREAD_STACK: return "f";
	default: return "o";
	}
}

/* A published image is called image.so like all of them: its folder has the name. */
void draw_name(FILE *out, const struct vdk_map *map)
{
	const char *name = base_name(map->path);

	if (name - map->path > 1 &&
	    (map->kind == VDK_MAP_VDK_IMAGE || map->kind == VDK_MAP_VDK_PAGE))
		for (name--; name > map->path && name[-1] != '/';)
			name--;
	draw_text(out, *name ? name : vdk_map_kind_name(map->kind));
}

static const char *owner_remark(const struct vdk_map *map)
{
	const char *name = base_name(map->path);

	if (map->owner == VDK_OWNER_LIBRARY &&
	    (!strncmp(name, "libc.", 5) || !strncmp(name, "libc-", 5)))
		return "the C library: asks the vDSO for the time";
	switch (map->owner) {
	case VDK_OWNER_PROGRAM: return "the program";
	case VDK_OWNER_LOADER: return "the dynamic loader";
	case VDK_OWNER_LIBRARY: return "a library";
	default: return "";
	}
}

const char *draw_remark(const struct vdk_map *map)
{
	switch (map->kind) {
	case VDK_MAP_VDK_IMAGE: return "attached: functions of your own";
	case VDK_MAP_VDK_PAGE: return "attached: their data, one file for all readers";
	case VDK_MAP_VDK_PROCESS: return "attached: the way to the kernel's functions";
	case VDK_MAP_VDK_STATE: return "attached: what a tree shares";
	case VDK_MAP_VDSO: return "the kernel's functions, untouched";
	case VDK_MAP_VVAR: case VDK_MAP_VVAR_VCLOCK: return "the kernel's data";
	case VDK_MAP_VSYSCALL: return "the vDSO's predecessor, at a fixed address";
	case VDK_MAP_STACK: return "on top: the auxiliary vector";
	case VDK_MAP_HEAP: return "small pieces of malloc";
	case VDK_MAP_ANON: return "memory that the program asked for";
	default: return owner_remark(map);
	}
}
