/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dead keys: what an accent and a letter make. The table is Unicode's canonical compositions of Latin,
 * Greek and Cyrillic letters, and the letters with a stroke, which Unicode does not take apart.
 */
#include "keymap_priv.h"

#include <base/string.h>

/* For each accent: a letter and what becomes of it, and so on. */
static const uint16_t grave_pairs[] =
	u"AÀEÈIÌNǸOÒUÙWẀYỲaàeèiìnǹoòuùwẁyỳÂẦÊỀÔỒÜǛâầêềôồüǜĂẰăằĒḔēḕŌṐōṑƠỜơờƯỪưừЕЀИЍ"
	u"еѐиѝ";
static const uint16_t acute_pairs[] =
	u"AÁCĆEÉGǴIÍKḰLĹMḾNŃOÓPṔRŔSŚUÚWẂYÝZŹaácćeégǵiíkḱlĺmḿnńoópṕrŕsśuúwẃyýzź¨΅ÂẤ"
	u"ÅǺÆǼÇḈÊẾÏḮÔỐÕṌØǾÜǗâấåǻæǽçḉêếïḯôốõṍøǿüǘĂẮăắĒḖēḗŌṒōṓŨṸũṹƠỚơớƯỨưứΑΆΕΈΗΉΙΊΟΌ"
	u"ΥΎΩΏαάεέηήιίοόυύωώϊΐϋΰϒϓГЃКЌгѓкќ";
static const uint16_t circumflex_pairs[] =
	u"AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶZẐaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷzẑẠẬạậẸỆẹệỌỘọộ";
static const uint16_t tilde_pairs[] = u"AÃEẼIĨNÑOÕUŨVṼYỸaãeẽiĩnñoõuũvṽyỹÂẪÊỄÔỖâẫêễôỗĂẴăẵƠỠơỡƯỮưữ";
static const uint16_t macron_pairs[] =
	u"AĀEĒGḠIĪOŌUŪYȲaāeēgḡiīoōuūyȳÄǞÆǢÕȬÖȪÜǕäǟæǣõȭöȫüǖǪǬǫǭȦǠȧǡȮȰȯȱИӢУӮиӣуӯḶḸḷḹ"
	u"ṚṜṛṝ";
static const uint16_t breve_pairs[] = u"AĂEĔGĞIĬOŎUŬaăeĕgğiĭoŏuŭȨḜȩḝАӐЕӖЖӁИЙУЎаӑеӗжӂийуўẠẶạặ";
static const uint16_t dot_above_pairs[] =
	u"AȦBḂCĊDḊEĖFḞGĠHḢIİMṀNṄOȮPṖRṘSṠTṪWẆXẊYẎZŻaȧbḃcċdḋeėfḟgġhḣmṁnṅoȯpṗrṙsṡtṫwẇ"
	u"xẋyẏzżŚṤśṥŠṦšṧſẛṢṨṣṩ";
static const uint16_t diaeresis_pairs[] =
	u"AÄEËHḦIÏOÖUÜWẄXẌYŸaäeëhḧiïoötẗuüwẅxẍyÿÕṎõṏŪṺūṻΙΪΥΫιϊυϋϒϔІЇАӒЕЁЖӜЗӞИӤОӦУӰ"
	u"ЧӴЫӸЭӬаӓеёжӝзӟиӥоӧуӱчӵыӹэӭіїӘӚәӛӨӪөӫ";
static const uint16_t hook_pairs[] = u"AẢEẺIỈOỎUỦYỶaảeẻiỉoỏuủyỷÂẨÊỂÔỔâẩêểôổĂẲăẳƠỞơởƯỬưử";
static const uint16_t ring_pairs[] = u"AÅUŮaåuůwẘyẙ";
static const uint16_t double_acute_pairs[] = u"OŐUŰoőuűУӲуӳ";
static const uint16_t caron_pairs[] =
	u"AǍCČDĎEĚGǦHȞIǏKǨLĽNŇOǑRŘSŠTŤUǓZŽaǎcčdďeěgǧhȟiǐjǰkǩlľnňoǒrřsštťuǔzžÜǙüǚƷǮ"
	u"ʒǯ";
static const uint16_t horn_pairs[] = u"OƠUƯoơuư";
static const uint16_t dot_below_pairs[] =
	u"AẠBḄDḌEẸHḤIỊKḲLḶMṂNṆOỌRṚSṢTṬUỤVṾWẈYỴZẒaạbḅdḍeẹhḥiịkḳlḷmṃnṇoọrṛsṣtṭuụvṿwẉ"
	u"yỵzẓƠỢơợƯỰưự";
static const uint16_t cedilla_pairs[] = u"CÇDḐEȨGĢHḨKĶLĻNŅRŖSŞTŢcçdḑeȩgģhḩkķlļnņrŗsştţ";
static const uint16_t ogonek_pairs[] = u"AĄEĘIĮOǪUŲaąeęiįoǫuų";
static const uint16_t stroke_pairs[] = u"BɃDĐGǤHĦLŁOØTŦZƵbƀdđgǥhħlłoøtŧzƶ";

/* Dead keys, in order of their combining characters. */
static const struct accent {
	const char *name;
	uint16_t combining, spacing;
	const uint16_t *pairs; /* terminated */
} accents[] = {
	{ "grave", 0x0300, 0x0060, grave_pairs },
	{ "acute", 0x0301, 0x00b4, acute_pairs },
	{ "circumflex", 0x0302, 0x005e, circumflex_pairs },
	{ "tilde", 0x0303, 0x007e, tilde_pairs },
	{ "macron", 0x0304, 0x00af, macron_pairs },
	{ "breve", 0x0306, 0x02d8, breve_pairs },
	{ "dot_above", 0x0307, 0x02d9, dot_above_pairs },
	{ "diaeresis", 0x0308, 0x00a8, diaeresis_pairs },
	{ "hook", 0x0309, 0x02c0, hook_pairs },
	{ "ring", 0x030a, 0x02da, ring_pairs },
	{ "double_acute", 0x030b, 0x02dd, double_acute_pairs },
	{ "caron", 0x030c, 0x02c7, caron_pairs },
	{ "horn", 0x031b, 0x0027, horn_pairs },
	{ "dot_below", 0x0323, 0x002e, dot_below_pairs },
	{ "cedilla", 0x0327, 0x00b8, cedilla_pairs },
	{ "ogonek", 0x0328, 0x02db, ogonek_pairs },
	{ "stroke", 0x0335, 0x002f, stroke_pairs },
};

static const struct accent *accent_of(uint32_t dead)
{
	for (size_t i = 0; i < array_length(accents); i++)
		if (accents[i].combining == dead)
			return &accents[i];
	return NULL;
}

uint32_t keymap_dead_named(const char *name, size_t length)
{
	for (size_t i = 0; i < array_length(accents); i++)
		if (strlen(accents[i].name) == length && !memcmp(accents[i].name, name, length))
			return accents[i].combining;
	return 0;
}

uint32_t keymap_spacing_of(uint32_t dead)
{
	const struct accent *accent = accent_of(dead);

	return accent ? accent->spacing : dead;
}

/* What the layout itself says; 0: nothing. */
static uint32_t compose_own(const struct keymap *keymap, uint32_t dead, uint32_t base)
{
	size_t from = 0, to = keymap->composition_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct keymap_composition *one = &keymap->compositions[middle];

		if (one->dead == dead && one->base == base)
			return one->result;
		if (one->dead < dead || (one->dead == dead && one->base < base))
			from = middle + 1;
		else
			to = middle;
	}
	return 0;
}

static uint32_t compose_standard(uint32_t dead, uint32_t base)
{
	const struct accent *accent = accent_of(dead);

	for (const uint16_t *pair = accent ? accent->pairs : NULL; pair && *pair; pair += 2)
		if (pair[0] == base)
			return pair[1];
	return 0;
}

uint32_t keymap_compose(const struct keymap *keymap, uint32_t dead, uint32_t base)
{
	uint32_t result = compose_own(keymap, dead, base);

	if (result)
		return result;
	if (base == ' ' || base == (KEYMAP_DEAD | dead))
		return keymap_spacing_of(dead);
	return compose_standard(dead, base);
}
