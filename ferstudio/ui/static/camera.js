// Opens a person's camera, or throws a sentence that says why there is none; `words` has the sentences.
const openCamera = async (words, width, height) => {
  if (!window.isSecureContext) throw new Error(words.insecure);
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(words.none);
  const wanted = {width: {ideal: width}, height: {ideal: height}};
  try {
    return await navigator.mediaDevices.getUserMedia({video: wanted, audio: false});
  } catch (trouble) {
    const sentences = {NotFoundError: words.none, NotReadableError: words.busy};
    throw new Error(sentences[trouble.name] ?? words.blocked);
  }
};
const closeCamera = (stream) => stream?.getTracks().forEach((track) => track.stop());
