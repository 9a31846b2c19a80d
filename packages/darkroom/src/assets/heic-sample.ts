const base64 =
	"AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRt" +
	"AAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAAJgAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlw" +
	"cnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AA" +
	"AAMAkAAAAwAAAwAeoBAgYWW6kkprm4EBAwIAAAMAAgAAAwACECIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAAAIAAAABgAAAAEHBpeGkAAAAA" +
	"AwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAubWRhdAAAACIoAa8TgOaocNP//iaUf/0654fp5dLSeb2Q7muztl+jU8Eg";

/**
 * A HEIC picture of 128 × 96 red pixels, as an iPhone would send it. Whether HEIC can be read is found out by trying:
 * what sharp says of itself names the container alone, which AVIF shares, and not the decoders that were built in.
 */
export const heicSample: Uint8Array = Buffer.from(base64, "base64");
