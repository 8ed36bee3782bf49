# The mean harmonics-to-noise ratio of a sound file in dB, by Praat's autocorrelation method.
form Harmonicity of a file
  sentence input sound.wav
endform
Read from file: input$
To Harmonicity (ac): 0.01, 75, 0.1, 4.5
mean = Get mean: 0, 0
writeInfoLine: fixed$ (mean, 3)
