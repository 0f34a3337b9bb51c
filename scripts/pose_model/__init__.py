"""Set-up of the pose network: fetch Google's BlazePose files, convert them to ONNX, check and install them."""
