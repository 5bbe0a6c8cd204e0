/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-3 against published values (FIPS 202's examples among them), and what another implementation
 * says at the edges of blocks. */
#include <hash/sha3.h>

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_hash(char *text, const uint8_t *hash, size_t size)
{
	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

static void expect_hashes(const void *bytes, size_t length, const char *sha256, const char *sha512)
{
	uint8_t hash[SHA3_512_SIZE];
	char text[2 * SHA3_512_SIZE + 1];

	sha3_256(bytes, length, hash);
	print_hash(text, hash, SHA3_256_SIZE);
	EXPECT_STRING(text, sha256);
	sha3_512(bytes, length, hash);
	print_hash(text, hash, SHA3_512_SIZE);
	EXPECT_STRING(text, sha512);
}

UNIT_TEST(sha3, published_values)
{
	const char two_blocks[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
				  "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
	uint8_t many[200];

	expect_hashes("", 0, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
		      "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
		      "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26");
	expect_hashes("abc", 3, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
		      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
		      "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0");
	expect_hashes(two_blocks, sizeof(two_blocks) - 1,
		      "916f6061fe879741ca6469b43971dfdb28b1a32dc36cb3254e812be27aad1d18",
		      "afebb2ef542e6579c50cad06d2e578f9f8dd6881d7dc824d26360feebf18a4fa"
		      "73e3261122948efcfd492e74e82e2189ed0fb440d187f382270cb455f21dd185");
	memset(many, 0xa3, sizeof(many)); /* "1600 bits" of the examples */
	expect_hashes(many, sizeof(many),
		      "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787",
		      "e76dfad22084a8b1467fcf2ffa58361bec7628edf5f3fdc0e4805dc48caeeca8"
		      "1b7c13c30adf52a3659584739a2df46be589c51ca1a4a8416df6545a1ce8ba00");
}

/* The rates are 136 and 72 bytes. */
static const struct {
	size_t length;
	const char *sha256, *sha512;
} edges[] = {
	{ 1, "5d53469f20fef4f8eab52b88044ede69c77a6a68a60728609fc4a65ff531e7d0",
	  "7127aab211f82a18d06cf7578ff49d5089017944139aa60d8bee057811a15fb5"
	  "5a53887600a3eceba004de51105139f32506fe5b53e1913bfa6b32e716fe97da" },
	{ 71, "7697472de786245f613122124f6204d7cbc94de05f6719f9a5007c664d5e7200",
	  "1cf26dad7cac9a0a7af1c14fe691a20f151e9067a8db283ae120b4c998d8bc4e"
	  "b02173e20c66d9ca03edc0742485ab3285f2783bb6910f16f6c30be369081113" },
	{ 72, "c8fa28ca5604f224e11104b498f78e7aa942d733a710990a4d03b27e7bf1e63e",
	  "fcfc01fed908ced69eeeb4a8fd8300ae019ab93fdfdc29fa93536aaf4a452d3a"
	  "726a686e268a0687e4d79c4be1baff334400545a4891fdbc81ee7af11df58769" },
	{ 73, "7a81db1724268f02b0c38b5da0cafaa5f420e2d0bbb829045b739b0c32fb12de",
	  "f43645ed4c76c495e67797604e7278773eb549d6ecbd15c09a5ea7ae06fd6e23"
	  "816a81dfe2bdc7cf5a8aa506f2b7e0fca35dbe6e7dda6abe07a96ce8cace4784" },
	{ 135, "a1ea8f7dbc2698c40168d70c8e52b0eb5c1545fe26ee89c523fcceb2a38bfa89",
	  "dd01b78879877f478a45ff1878c851640e9b1d3500990108379fa37bbf1b21c4"
	  "acc1db092a643c693468b797924b4829ac3a3a83dc8a8ac9f7638563768b0ba3" },
	{ 136, "0daf0311e2cbced8e477e16eab51310a2c13ec7ee23fdd91b970da2ba5ae919b",
	  "656f074a55a2149dc4a7957301222f1511205ae3589606a3a8cafaaf6c3df6e9"
	  "dbe2b725b70feceb47a351014e83ef50cb4fa2c5a6e10327a7b5f0bbaeece70c" },
	{ 137, "644565dda519fa65c831d2ae93e674b00ea184adcbf47ec9fac2b328182328a9",
	  "8845978f9e8cf5d0d18e27c57527d4ca4275a38bd34d38ebba166fd9b30aef50"
	  "eb738e0d0e72cfe6eb6cffa10e584cf18749aca201b82a4fedf2deb0d213941a" },
	{ 143, "d295229df3ca17c9e39cc8faf5d781e099b3f6e0d084f9ff8dbcdb7438bab506",
	  "4870210eb5701ad105f069397a4a4e4648403b6fa1b8152dd7a28beadf4cd262"
	  "7a423ffb8a6df41487bacca20c8ce3d957ccce13bdb5f0b868c1e52fec4911f7" },
	{ 144, "a9c08641c4113d61dbd4a2b26362cbe33bf04547f597b485e947c651c61d27b6",
	  "225fd7fa7b5ef3cc7a262d0dfa20c1e8bcd00f19e89f35a865dddf10261c6ae6"
	  "54b892cec254da9d091287d4bcfcf35759fbe188fd1c6d7348726a65377370b6" },
	{ 271, "01f728082000be808fc7fa0ba345657f5138a4ced51541ca886f93e9e0d153e2",
	  "8b31dd8873801e4c66023d298318d3002e65814c611eb3ad0e6e1c6fbc111bb3"
	  "f3cad7836f74dca2f0ec10a95e72833f9d233a106b7789750c9e044e61da3da7" },
	{ 272, "a8c6ba839cbe8c6d1395d482d448851217bc7d9c52272498b43db55f27dbcfb3",
	  "daebe6f69bc619d7ada235cd8b33245e2b12eaa809b867ba5f87b9733dc4ee9c"
	  "8e002bef2a2856fb8f3ef887447ee064d1c6c60cd70df8d7a86dbece2ada88fa" },
	{ 4096, "c6fdd315b0ee5a7b1be8880d8441cdfd270565dfa8d81aba39da76c0b4a80610",
	  "35e71eba68d0b85df85f17246efb18ce8375a421870f363f79eb8f07c0bf879e"
	  "20f7ca95b744b4c394d6a5b7a73d52c24fb53afe414060161bfd6edd16b6668f" },
};

UNIT_TEST(sha3, edges_of_blocks_at_any_address)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		for (size_t shift = 0; shift < 3; shift++) {
			uint8_t *bytes = malloc(edges[i].length + shift);

			for (size_t at = 0; at < edges[i].length; at++)
				bytes[shift + at] = (uint8_t)(at * 197 + (at >> 3));
			expect_hashes(bytes + shift, edges[i].length, edges[i].sha256,
				      edges[i].sha512);
			free(bytes);
		}
	}
}

UNIT_TEST(sha3, piece_by_piece)
{
	const size_t pieces[] = { 1, 7, 71, 72, 73, 136, 500 };
	uint8_t bytes[1000], whole[SHA3_512_SIZE], hash[SHA3_512_SIZE];

	for (size_t at = 0; at < sizeof(bytes); at++)
		bytes[at] = (uint8_t)(at * 31 + (at >> 5));
	for (size_t i = 0; i < 2 * (sizeof(pieces) / sizeof(pieces[0])); i++) {
		const size_t piece = pieces[i / 2];
		struct sha3_stream stream;

		if (i % 2) {
			sha3_256(bytes, sizeof(bytes), whole);
			sha3_256_begin(&stream);
		} else {
			sha3_512(bytes, sizeof(bytes), whole);
			sha3_512_begin(&stream);
		}
		for (size_t at = 0; at < sizeof(bytes); at += piece)
			sha3_add(&stream, bytes + at, min_size(piece, sizeof(bytes) - at));
		sha3_end(&stream, hash);
		EXPECT_BYTES(hash, whole, i % 2 ? SHA3_256_SIZE : SHA3_512_SIZE);
	}
}
